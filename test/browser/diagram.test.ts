/** The drawing of inheritance in its box: however large it is, it begins at the index whose page it is. */
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import type { Page } from 'playwright-core'
import { open, openPage, urlOf } from '../support/browser.ts'
import { startApi } from '../support/api.ts'

const HEIRS = 70

const api = await startApi({ indexes: ['ada/base'] })
after(() => api[Symbol.asyncDispose]())
for (let at = 0; at < HEIRS; at++) {
  await api.makeIndex(`heir/of-a-long-name-${at}`, { bases: ['ada/base'] })
}
await api.makeIndex('ada/top', { bases: ['ada/base'] })

/** How much of the viewed index is to be seen in its box, and in the window. */
const readSight = (page: Page): Promise<{ inBox: boolean; inWindow: boolean }> =>
  page.evaluate(`(() => {
    const viewed = document.querySelector('.diagram .viewed').getBoundingClientRect()
    const box = document.querySelector('.diagram-box').getBoundingClientRect()
    const isWithin = ({ left, right, top, bottom }) =>
      viewed.left >= left && viewed.right <= right && viewed.top >= top && viewed.bottom <= bottom
    const frame = { left: 0, top: 0, right: innerWidth, bottom: innerHeight }
    return { inBox: isWithin(box), inWindow: isWithin(frame) }
  })()`)

for (const javaScriptEnabled of [true, false]) {
  for (const width of [320, 1280]) {
    test(`all that inherits is shown from the viewed index on, ${javaScriptEnabled ? 'with' : 'without'} scripts, ${width} wide`, async () => {
      await using watched = await openPage({ javaScriptEnabled, width })
      const { page } = watched
      await page.emulateMedia({ reducedMotion: 'reduce' })
      await open(page, api, '/ada/base')
      await page.getByRole('link', { name: 'show more' }).click()
      await page.waitForURL(/around=all/)

      assert.deepEqual(await readSight(page), { inBox: true, inWindow: true })
    })
  }
}

test('on the page of an index the drawing begins there too, and the page stays at its top', async () => {
  await using watched = await openPage({ width: 320 })
  const { page } = watched
  for (const path of ['/ada/base', '/ada/top', '/ada/base?around=all']) {
    await page.goto(urlOf(api, path))
    await page.waitForLoadState()

    assert.equal((await readSight(page)).inBox, true, path)
    assert.equal(await page.evaluate('scrollY'), 0, path)
  }
})
