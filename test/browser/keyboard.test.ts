/** All of it by the keyboard alone: whatever can be used is reached, is seen when it is, and does what it says. */
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import type { Page } from 'playwright-core'
import { logIn, open, openPage, urlOf } from '../support/browser.ts'
import { startFullServer } from '../support/full-server.ts'
import { tabThrough } from '../support/tab-order.ts'

const server = await startFullServer()
after(() => server[Symbol.asyncDispose]())
const { api } = server

/** Pages of hundreds of links are among those of `ada`. */
const isShort = (path: string): boolean => !/^\/$|chronicle|inheritance/.test(path)

const focused = (page: Page): Promise<string> =>
  page.evaluate(`document.activeElement.textContent.trim() || document.activeElement.outerHTML`)

async function tabOn(page: Page, paths: readonly string[]): Promise<Record<string, unknown>> {
  const findings: Record<string, unknown> = {}
  for (const path of paths) {
    await open(page, api, path)
    const { outOfOrder, unseen, count } = await tabThrough(page)
    if (outOfOrder.length + unseen.length > 0 || count < 5) {
      findings[path] = { outOfOrder, unseen, count }
    }
  }
  return findings
}

test('Tab leads to all that can be used, in the order of the page, and shows where it is', async () => {
  await using watched = await openPage()
  const { page } = watched
  await page.emulateMedia({ reducedMotion: 'reduce' }) // what is reached is in sight at once

  assert.deepEqual(await tabOn(page, server.pages.filter(isShort)), {})
  await logIn(page, api, '/ada')
  assert.deepEqual(await tabOn(page, server.ownPages), {})
})

test('the first Tab offers to skip what is on every page', async () => {
  await using watched = await openPage({ width: 320 })
  const { page } = watched
  await open(page, api, '/ada/dev/anchor/1.1')

  await page.keyboard.press('Tab')
  const skip = page.getByRole('link', { name: 'Skip to content' })
  const box = await skip.boundingBox()
  await page.keyboard.press('Enter')
  await page.keyboard.press('Tab')

  assert.ok(box && box.x >= 0 && box.y >= 0, JSON.stringify(box))
  const isInside = await page.evaluate(`document.activeElement.closest('main') !== null`)
  assert.equal(isInside, true, await focused(page))
})

test('suggestions are walked through by arrows, taken by Enter and closed by Escape', async () => {
  await using watched = await openPage()
  const { page } = watched
  await open(page, api, '/ada')
  const field = page.getByRole('combobox', { name: 'Search' })
  await field.focus()

  await page.keyboard.type('anch')
  await page.getByRole('option').first().waitFor()
  await page.keyboard.press('Escape')
  const afterEscape = [await page.getByRole('option').count(), await field.inputValue()]
  await page.keyboard.type('o')
  await page.getByRole('option').first().waitFor()
  await page.keyboard.press('ArrowDown')
  const chosen = await page.locator('[role=option][aria-selected=true]').textContent()
  await page.keyboard.press('Enter')
  await page.waitForURL(/\/anchor$/)

  assert.deepEqual(afterEscape, [0, 'anch'])
  assert.match(chosen ?? '', /^anchor /)
})

test('commands are copied and more is opened by Enter', async () => {
  await using watched = await openPage()
  const { page } = watched
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
  await open(page, api, '/ada/dev/anchor/1.1')

  const copy = page.locator('.command').first().getByRole('button')
  await copy.press('Enter')
  await page.getByRole('status').getByText('Copied').waitFor()
  const copied = await page.evaluate(`navigator.clipboard.readText()`)
  const more = page.locator('summary', { hasText: 'poetry' })
  await more.press('Enter')
  await page.getByText('poetry add').waitFor()

  assert.match(String(copied), /^pip install .*anchor==1\.1$/)
  assert.match(await focused(page), /^poetry/)
})

test('releases are chosen and compared by keys', async () => {
  await using watched = await openPage()
  const { page } = watched
  await open(page, api, '/ada/dev/anchor/+diff/1.0/1.1')

  await page.getByLabel('From').focus()
  await page.keyboard.type('0.9')
  await page.keyboard.press('Tab')
  await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')

  await page.waitForURL(urlOf(api, '/ada/dev/anchor/+diff/0.9/1.1'))
})

test('what scrolls in a box of its own scrolls by arrows', async () => {
  await using watched = await openPage({ width: 320 })
  const { page } = watched
  await open(page, api, '/ada/dev/anchor/1.1')
  const box = page.locator('.readme pre[tabindex]').first()

  await box.waitFor()
  await box.focus()
  await page.keyboard.press('ArrowRight')

  // Not by waitForFunction, which evaluates text in the page where the content policy refuses that.
  await page.evaluate(`new Promise((resolve) => {
    const look = () => (document.querySelector('.readme pre').scrollLeft > 0 ? resolve() : requestAnimationFrame(look))
    look()
  })`)
})

test('files are chosen, and a release deleted, by keys', async () => {
  await using watched = await openPage()
  const { page } = watched
  const chooser = page.waitForEvent('filechooser') // before pages are there: the browser takes it up in its own time
  await logIn(page, api, '/ada/dev/+upload')

  await page.locator('#field-content').focus()
  await page.keyboard.press('Space')
  await chooser
  await open(page, api, '/ada/dev/anchor/1.0/+delete')
  await page.getByLabel('though the index is not volatile').press('Space')
  await page.keyboard.press('Tab')
  const button = await focused(page)
  await page.keyboard.press('Enter')
  await page.waitForURL(urlOf(api, '/ada/dev/anchor'))

  assert.equal(button, 'Delete anchor 1.0')
})
