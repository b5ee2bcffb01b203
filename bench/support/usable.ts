/** Pages in Chromium: when a reader who has nothing of them yet can use them, and whether anything moves. */
import type { Browser } from 'playwright-core'
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

/** Figures `NAME.usable` and `NAME.shift`. */
export async function usableFigures(
  browser: Browser,
  name: string,
  url: string,
): Promise<Figure[]> {
  const rounds: Opened[] = []
  for (let round = -WARM_UP; round < ROUNDS; round++) {
    const opened = await openFresh(browser, url)
    if (round >= 0) rounds.push(opened)
  }
  const [usable, shift] = [rounds.map((one) => one.usable), rounds.map((one) => one.shift)]
  return [
    {
      name: `${name}.usable`,
      what: '  in Chromium, until it is painted and its scripts have run',
      unit: 'ms',
      ours: median(usable),
      rounds: { ours: usable },
    },
    {
      name: `${name}.shift`,
      what: '  and how far anything moves (cumulative layout shift)',
      unit: '',
      ours: Math.max(...shift),
      rounds: { ours: shift },
    },
  ]
}

/** With nothing in the browser's cache. */
async function openFresh(browser: Browser, url: string): Promise<Opened> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } })
  try {
    const page = await context.newPage()
    await page.goto(url, { waitUntil: 'load' })
    return await page.evaluate(LOOK)
  } finally {
    await context.close()
  }
}

/** Scripts are modules: they have run when the document's content counts as loaded. */
const LOOK = `new Promise((resolve) => {
  const all = (type, then) =>
    new PerformanceObserver((list, observer) => {
      observer.disconnect()
      then(list.getEntries())
    }).observe({ type, buffered: true })

  all('paint', (paints) => {
    const painted = paints.find(({ name }) => name === 'first-contentful-paint').startTime
    const ran = performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd
    // Two frames: whatever scripts have changed is laid out.
    requestAnimationFrame(() => requestAnimationFrame(() => {
      const shifts = new PerformanceObserver(() => {})
      shifts.observe({ type: 'layout-shift', buffered: true })
      setTimeout(() => {
        const shift = shifts.takeRecords().reduce((sum, { value }) => sum + value, 0)
        resolve({ usable: Math.max(painted, ran), shift })
      })
    }))
  })
})`
