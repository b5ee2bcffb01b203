/** Which elements the Tab key leads to on a page, and how they look when they are reached. */
import type { Page } from 'playwright-core'

export interface TabFindings {
  /** What can be used and is never reached, or not in the order in which the page says it. */
  readonly outOfOrder: readonly string[]
  /** What is reached and does not show it, or stays out of sight. */
  readonly unseen: readonly string[]
  /** How many are reached. */
  readonly count: number
}

/** Presses Tab from the beginning of the page until it begins again. */
export async function tabThrough(page: Page): Promise<TabFindings> {
  const expected: number = await page.evaluate(`(${PREPARE})()`)
  for (let at = 0; at < expected + 1; at++) await page.keyboard.press('Tab')
  return page.evaluate(`(${JUDGE})()`)
}

const PREPARE = `async () => {
  // A box that scrolls takes keys as soon as the page's script has found out, some time after the first picture.
  const boxes = [...document.querySelectorAll('.readme :is(pre, table)')]
  const isReady = (box) => box.scrollWidth > box.clientWidth === (box.tabIndex >= 0)
  while (!boxes.every(isReady)) await new Promise(requestAnimationFrame)
  const usable = 'a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex], iframe'
  const isThere = (element) =>
    element.checkVisibility({ visibilityProperty: true }) && !element.disabled && element.tabIndex >= 0
  window.expected = [...document.querySelectorAll(usable)].filter(isThere)
  window.reached = []
  window.unseen = []
  const shows = (element) => {
    const { outlineStyle, outlineWidth } = getComputedStyle(element)
    if (outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2) return true
    const box = element.querySelector('rect')
    return box !== null && parseFloat(getComputedStyle(box).strokeWidth) >= 3
  }
  const isInSight = (element) => {
    const { top, left, bottom, right } = element.getBoundingClientRect()
    return bottom > 0 && right > 0 && top < innerHeight && left < innerWidth
  }
  document.addEventListener('focusin', ({ target }) => {
    if (window.reached.includes(target)) return
    window.reached.push(target)
    if (!shows(target) || !isInSight(target)) window.unseen.push(target)
  })
  document.activeElement?.blur()
  getSelection().removeAllRanges()
  return window.expected.length
}`

const JUDGE = `() => {
  const print = (element) => element.outerHTML.slice(0, 200)
  // Where the keys are in a frame, the page around it hears nothing.
  const expected = window.expected.filter((element) => element.localName !== 'iframe')
  const outOfOrder = expected.filter((element, at) => window.reached[at] !== element)
  return {
    outOfOrder: outOfOrder.slice(0, 3).map(print),
    unseen: window.unseen.slice(0, 3).map(print),
    count: window.reached.length,
  }
}`
