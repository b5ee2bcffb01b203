/** A real browser: Debian's Chromium, driven through playwright-core. */
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { chromium, type Browser, type Page } from 'playwright-core'
import { findChromium } from './web-servers.ts'

export interface OpenBrowser extends AsyncDisposable {
  readonly browser: Browser
  /** A page with a cookie jar of its own. */
  newPage(options?: { readonly javaScriptEnabled?: boolean }): Promise<Page>
}

export async function openBrowser(): Promise<OpenBrowser> {
  const executablePath = await findChromium()
  const args = ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu']
  const browser = await chromium.launch({ executablePath, args })
  return {
    browser,
    async newPage(options = {}) {
      const context = await browser.newContext({
        viewport: { width: 1200, height: 900 },
        ...options,
      })
      context.setDefaultTimeout(60_000)
      return context.newPage()
    },
    [Symbol.asyncDispose]: () => browser.close(),
  }
}

interface Violation {
  readonly id: string
  readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[]
}

/** What axe finds on a page, as sentences. */
export async function findViolations(page: Page): Promise<string[]> {
  const path = createRequire(import.meta.url).resolve('axe-core/axe.min.js')
  await page.evaluate(await readFile(path, 'utf8'))
  const violations = await page.evaluate(async () => {
    const { axe } = globalThis as unknown as { axe: { run(): Promise<{ violations: unknown }> } }
    return (await axe.run()).violations
  })
  return (violations as Violation[]).flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary = '' }) => `${id}: ${html} ${failureSummary}`),
  )
}
