/** Pages in a real browser, which each test file starts once. They note whatever goes wrong in them. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { after } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import type { Api } from './api.ts'
import { launchChromium } from './chromium.ts'

let started: Promise<Browser> | undefined

// Here, where the file is loaded, it is the whole file's.
after(async () => (await started)?.close())

export interface PageOptions {
  readonly javaScriptEnabled?: boolean
  /** Whether the content policy counts for nothing. */
  readonly bypassCSP?: boolean
  readonly colorScheme?: 'light' | 'dark'
  readonly width?: number
}

export interface WatchedPage extends AsyncDisposable {
  readonly page: Page
  /**
   * What no page may do: errors, requests that fail or go to another host, what the content policy refuses, dialogs.
   * Empties the list.
   */
  takeProblems(): string[]
}

/** A page with a cookie jar of its own. */
export async function openPage(options: PageOptions = {}): Promise<WatchedPage> {
  const { width = 1280, ...others } = options
  started ??= launchChromium()
  const browser = await started
  const context = await browser.newContext({ viewport: { width, height: 900 }, ...others })
  context.setDefaultTimeout(60_000)
  await context.addInitScript(WATCHES)
  const page = await context.newPage()
  const problems: string[] = []
  watch(page, (problem) => problems.push(problem))
  return {
    page,
    takeProblems: () => problems.splice(0),
    [Symbol.asyncDispose]: () => context.close(),
  }
}

/** In the page: sums up how far things move by themselves, and shouts where the content policy refuses something. */
const WATCHES = `
  window.shifts = []
  new PerformanceObserver((list) => {
    for (const { value, hadRecentInput, sources } of list.getEntries()) {
      // Less is a word that moves by a few pixels, on a machine that is very busy: measures show it as none.
      if (hadRecentInput || value < 0.0001) continue
      window.shifts.push(value + ' ' + sources.map(({ node }) => node?.outerHTML?.slice(0, 120)).join(' | '))
    }
  }).observe({ type: 'layout-shift', buffered: true })
  addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI, sample }) =>
    console.error('refused: ' + violatedDirective + ' ' + blockedURI + ' ' + sample))
`

function watch(page: Page, tell: (problem: string) => void): void {
  page.on('pageerror', ({ message }) => tell(`error: ${message}`))
  page.on('dialog', (dialog) => {
    tell(`dialog: ${dialog.message()}`)
    void dialog.dismiss()
  })
  page.on('console', (line) => {
    // The page itself may be a 404; all else tells of its answer below.
    const isLoading = line.text().startsWith('Failed to load resource')
    if (['error', 'warning'].includes(line.type()) && !isLoading) tell(`console: ${line.text()}`)
  })
  page.on('requestfailed', (request) => {
    const reason = request.failure()?.errorText
    // What is still on its way when the next page is opened.
    if (reason !== 'net::ERR_ABORTED') tell(`failed: ${request.url()} ${reason}`)
  })
  page.on('response', (response) => {
    const isPage = response.request().isNavigationRequest()
    if (response.status() >= 400 && !isPage) tell(`${response.status()}: ${response.url()}`)
  })
  page.on('request', (request) => {
    const { protocol, hostname } = new URL(request.url())
    const isOwn = protocol === 'data:' || hostname === '127.0.0.1'
    if (!isOwn) tell(`other host: ${request.url()}`)
  })
}

/** The address of a path for a browser. */
export const urlOf = (api: Api, path: string): string => api.app.url.replace(/\/$/, '') + path

/** Opens the page of a path, and returns its status. */
export async function open(page: Page, api: Api, path: string): Promise<number> {
  const response = await page.goto(urlOf(api, path))
  return response?.status() ?? 0
}

/** Logs in by the form and goes on to a path. */
export async function logIn(page: Page, api: Api, goto: string, user = 'ada'): Promise<void> {
  await page.goto(urlOf(api, `/+login?goto_url=${goto}`))
  await page.fill('#field-username', user)
  await page.fill('#field-password', 'pw')
  await page.keyboard.press('Enter')
  await page.waitForURL(urlOf(api, goto))
}

/** What has moved on the page without anybody having touched it. */
export const findShifts = (page: Page): Promise<string[]> => page.evaluate(`window.shifts`)

/** What sticks out of the window on the right, and stands in no box that scrolls, where the page scrolls sideways. */
export const findOverflow = (page: Page): Promise<string[]> =>
  page.evaluate(`(() => {
    const width = document.documentElement.clientWidth
    if (document.documentElement.scrollWidth <= width) return []
    const sticksOut = (element) => {
      if (element.getBoundingClientRect().right <= width) return false
      for (let box = element.parentElement; box !== document.body; box = box.parentElement) {
        if (getComputedStyle(box).overflowX !== 'visible') return false
      }
      return true
    }
    return [...document.body.querySelectorAll('*')]
      .filter(sticksOut)
      .map((element) => element.outerHTML.slice(0, 160))
  })()`)

interface Violation {
  readonly id: string
  readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[]
}

/** Lets pass what pages do behind their first picture: a turn after a frame, and what that has the next frame do. */
const SETTLED = `new Promise((resolve) => {
  const behindNextFrame = (next) => requestAnimationFrame(() => setTimeout(next))
  behindNextFrame(() => behindNextFrame(resolve))
})`

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** What axe finds on a page, as sentences; of all its rules unless some are named. */
export async function findViolations(page: Page, rules?: readonly string[]): Promise<string[]> {
  await page.evaluate(SETTLED)
  const only = rules === undefined ? {} : { runOnly: { type: 'rule', values: rules } }
  // In frames is what others wrote, apart from our pages: it would not answer.
  const options = { ...only, resultTypes: ['violations'], iframes: false }
  const isLoaded = await page.evaluate(`'axe' in window`)
  if (isLoaded !== true) await page.evaluate(axe)
  const violations: Violation[] = await page.evaluate(
    `window.axe.run(${JSON.stringify(options)}).then(({ violations }) => violations)`,
  )
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary = '' }) => `${id}: ${html} ${failureSummary}`),
  )
}
