/** Pages in Chromium: when a reader can use them, and whether anything moves. */
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { median, type Figure } from './figure.ts'

export interface Opened {
  /** Until all is painted for the first time and every script has run. Milliseconds since the address was entered. */
  readonly usable: number
  /** The cumulative layout shift. */
  readonly shift: number
}

const ROUNDS = 15
/** The browser itself is slow until it has opened some. */
const WARM_UP = 5

/**
 * Figures `NAME.usable` and `NAME.shift`, for who comes from the page at `before`, of the same site; and `NAME.nowhere` for who has
 * nothing of the site yet, for which the browser begins a process.
 */
export async function usableFigures(
  browser: Browser,
  name: string,
  { url, before }: { readonly url: string; readonly before: string },
): Promise<Figure[]> {
  const [walked, fresh]: [Opened[], Opened[]] = [[], []]
  await using reader = await openTab(browser)
  for (let round = -WARM_UP; round < ROUNDS; round++) {
    await reader.page.goto(before, { waitUntil: 'load' })
    const opened = await open(reader.page, url)
    await using stranger = await openTab(browser)
    const first = await open(stranger.page, url)
    if (round < 0) continue
    walked.push(opened)
    fresh.push(first)
  }
  const figure = (kind: string, what: string, unit: 'ms' | '', values: number[]): Figure => ({
    name: `${name}.${kind}`,
    what,
    unit,
    ours: unit === 'ms' ? median(values) : Math.max(...values),
    rounds: { ours: values },
  })
  const usable = (rounds: readonly Opened[]): number[] => rounds.map((one) => one.usable)
  const shifts = [...walked, ...fresh].map((one) => one.shift)
  const until = '  in Chromium, until it is painted and its scripts have run'
  return [
    figure('usable', `${until}, from another page`, 'ms', usable(walked)),
    figure('nowhere', `${until}, in a process of its own with nothing cached`, 'ms', usable(fresh)),
    figure('shift', '  and how far anything moves (cumulative layout shift)', '', shifts),
  ]
}

/** With a process and a cache of its own. */
async function openTab(browser: Browser): Promise<{ readonly page: Page } & AsyncDisposable> {
  const context: BrowserContext = await browser.newContext({
    viewport: { width: 1280, height: 900 },
  })
  return { page: await context.newPage(), [Symbol.asyncDispose]: () => context.close() }
}

async function open(page: Page, url: string): Promise<Opened> {
  await page.goto(url, { waitUntil: 'load' })
  return await page.evaluate(LOOK)
}

/** Scripts are modules: they have run when the document's content counts as loaded. */
const LOOK = `new Promise((resolve) => {
  new PerformanceObserver((list, observer) => {
    const paint = list.getEntries().find(({ name }) => name === 'first-contentful-paint')
    if (!paint) return
    observer.disconnect()
    const ran = performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd
    // Two frames: whatever scripts have changed is laid out.
    requestAnimationFrame(() => requestAnimationFrame(() => {
      const shifts = new PerformanceObserver(() => {})
      shifts.observe({ type: 'layout-shift', buffered: true })
      setTimeout(() => {
        const shift = shifts.takeRecords().reduce((sum, { value }) => sum + value, 0)
        resolve({ usable: Math.max(paint.startTime, ran), shift })
      })
    }))
  }).observe({ type: 'paint', buffered: true })
})`
