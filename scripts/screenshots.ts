/**
 * `node scripts/screenshots.ts [FOLDER]`: the pictures of `docs/explain/web.md`, of a server that is made for them, in
 * Debian's Chromium.
 */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { launchChromium } from '../test/support/chromium.ts'
import { startShowcase } from './screenshots/showcase.ts'

interface Shot {
  /** Of the file, without `.webp`. */
  readonly name: string
  readonly path: string
  readonly height?: number
  readonly width?: number
  readonly isDark?: boolean
  readonly as?: string
  /** Before it is taken. */
  readonly prepare?: (page: Page) => Promise<unknown>
}

const LARGEST = 150_000
/** What the pages tell as the server's address. */
const OUTSIDE = 'https://packages.harbour.example'
const folder = process.argv[2] ?? join(import.meta.dirname, '..', 'docs', 'images')

await using showcase = await startShowcase()
const { api, wheel } = showcase
await using browser = await launchChromium()

const release = '/harbour/staging/anchor/2.1'
const shots: readonly Shot[] = [
  { name: 'home', path: '/' },
  { name: 'index', path: '/harbour/staging', height: 1000 },
  { name: 'project', path: '/harbour/staging/anchor' },
  { name: 'release', path: release, height: 1000 },
  { name: 'release-dark', path: '/root/pypi/httpx/0.28.1', isDark: true },
  { name: 'release-narrow', path: release, width: 390, height: 800 },
  { name: 'inside', path: `${release}/+contents/${wheel.filename}/anchor_tools/windlass.py` },
  { name: 'differences', path: '/harbour/staging/anchor/+diff/2.0/2.1' },
  { name: 'search', path: '/+search?query=anchor' },
  { name: 'documentation', path: '/harbour/prod/anchor/2.1/+d/index.html', height: 700 },
  { name: 'tests', path: showcase.result, height: 640 },
  { name: 'options', path: '/harbour/staging/+edit', as: 'harbour' },
  { name: 'upload', path: '/ada/dev/+upload', as: 'ada', height: 560 },
]

for (const shot of shots) {
  const bytes = await take(shot)
  await writeFile(join(folder, `${shot.name}.webp`), bytes)
  console.log(`${shot.name}.webp ${Math.round(bytes.length / 1000)} KB`)
  if (bytes.length > LARGEST) throw new Error(`${shot.name} is larger than ${LARGEST} bytes`)
}

/** Twice as fine as it is large. */
async function take(shot: Shot): Promise<Buffer> {
  const { width = 1200, height = 840, isDark = false } = shot
  const context = await browser.newContext({
    viewport: { width, height },
    deviceScaleFactor: 1.5,
    colorScheme: isDark ? 'dark' : 'light',
    reducedMotion: 'reduce',
    // Who sends a form has to be where the server says it is.
    ...(shot.as === undefined && { extraHTTPHeaders: { 'x-outside-url': OUTSIDE } }),
  })
  try {
    const page = await context.newPage()
    const at = (path: string): string => api.app.url.replace(/\/$/, '') + path
    if (shot.as !== undefined) {
      await page.goto(at('/+login'))
      await page.fill('#field-username', shot.as)
      await page.fill('#field-password', 'pw')
      await page.keyboard.press('Enter')
      await page.waitForURL((url) => !url.pathname.endsWith('/+login'))
    }
    await page.goto(at(shot.path), { waitUntil: 'networkidle' })
    await shot.prepare?.(page)
    const session = await context.newCDPSession(page)
    const options = { format: 'webp', quality: 82 } as const
    const { data } = await session.send('Page.captureScreenshot', options)
    return Buffer.from(data, 'base64')
  } finally {
    await context.close()
  }
}
