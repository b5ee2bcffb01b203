/** What a page says and offers on a wide screen it says and offers on a narrow one, in whole words. */
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import type { Page } from 'playwright-core'
import { findViolations, open, openPage } from '../support/browser.ts'
import { startApi } from '../support/api.ts'
import { makeDocs, sendDocs, zipOf } from '../support/docs.ts'
import { sendToxresult } from '../support/toxresults.ts'
import { sendFile } from '../support/upload.ts'
import { makeWheel } from '../support/wheel.ts'

const api = await startApi({ indexes: ['ada/base', 'ada/dev'] })
after(() => api[Symbol.asyncDispose]())

const NARROW = 320
const WIDE = 1280
const wheel = makeWheel('anchor', '1.1rc1')
const release = '/ada/dev/anchor/1.1rc1'
const results = `${release}/+toxresults/${wheel.filename}`
const pages = [
  ...['/ada/dev', '/ada/dev/anchor', release, results, '/ada/dev/+explain/anchor', '/+status'],
  `${release}/+contents/${wheel.filename}`,
  '/ada/dev/listed/1.0/+d/index.html',
]

await api.patch('/ada/dev', { as: 'ada', json: { bases: ['ada/base'] } })
const fields = { name: 'anchor', requires_python: '>=3.9', summary: 'On and on, '.repeat(40) }
await sendFile(api, 'ada/base', makeWheel('anchor', '1.0'), { ...fields, version: '1.0' })
await sendFile(api, 'ada/dev', wheel, { ...fields, version: '1.1rc1' })
await sendDocs(api, makeDocs({ 'index.html': 'How' }), { name: 'anchor', version: '1.1rc1' })
await sendDocs(api, zipOf([{ name: 'a.html' }, { name: 'b.html' }]), { name: 'listed' })
const { sha256, filename } = wheel
await sendToxresult(api, `/ada/dev/+f/${sha256.slice(0, 3)}/${sha256.slice(3, 16)}/${filename}`)

/** Words of tables and links of the whole page, as far as they are to be seen. */
const readShown = (page: Page): Promise<unknown> =>
  page.evaluate(`(() => {
    const isShown = (element) => element.checkVisibility() && element.getBoundingClientRect().right > 0
    const shown = (selector) => [...document.querySelectorAll(selector)].filter(isShown)
    return {
      links: shown('main a').map((link) => link.textContent + ' ' + link.getAttribute('href')),
      values: shown('tbody :is(th, td)').map((cell) => cell.innerText.trim()).filter(Boolean),
    }
  })()`)

test('nothing that a wide page shows is missing on a narrow one', async () => {
  await using watched = await openPage()
  const { page } = watched

  for (const path of pages) {
    await page.setViewportSize({ width: WIDE, height: 900 })
    assert.equal(await open(page, api, path), 200, path)
    const wide = await readShown(page)
    await page.setViewportSize({ width: NARROW, height: 700 })
    const narrow = await readShown(page)

    assert.deepEqual(narrow, wide, path)
    assert.deepEqual(await findViolations(page), [], path)
  }
})

test('what stands as blocks on a narrow page is a table for those who hear it', async () => {
  await using watched = await openPage({ width: NARROW })
  const { page } = watched
  await open(page, api, '/ada/dev/anchor')

  const table = page.getByRole('table')
  const count = async (role: 'columnheader' | 'row' | 'rowheader' | 'cell') =>
    table.getByRole(role, { includeHidden: true }).count()

  assert.deepEqual(
    [
      await count('row'),
      await count('columnheader'),
      await count('rowheader'),
      await count('cell'),
    ],
    [3, 5, 2, 8],
  )
})

/** Short words in tables, of which a part stands in another line. */
const findBrokenWords = (page: Page): Promise<string[]> =>
  page.evaluate(`(() => {
    const broken = []
    const texts = document.createTreeWalker(document.querySelector('main table'), NodeFilter.SHOW_TEXT)
    while (texts.nextNode()) {
      const text = texts.currentNode
      if (text.parentElement.matches('code')) continue
      for (const { 0: word, index } of text.data.matchAll(/[a-z]{2,11}/gi)) {
        const range = new Range()
        range.setStart(text, index)
        range.setEnd(text, index + word.length)
        if (new Set([...range.getClientRects()].map(({ top }) => top)).size > 1) broken.push(word)
      }
    }
    return broken
  })()`)

test('short words of tables are broken at no width', async () => {
  await using watched = await openPage()
  const { page } = watched
  await api.patch('/ada/base', {
    as: 'ada',
    json: { deny: ['anchor>=0.1,<99,!=98.1,!=98.2,!=98.3,!=98.4'] },
  })
  const broken: Record<string, readonly string[]> = {}
  for (const path of pages.filter((one) => one !== '/+status')) {
    await open(page, api, path)
    for (const more of await page.locator('table summary').all()) await more.click()
    for (const width of [NARROW, 640, 760, 1100, WIDE]) {
      await page.setViewportSize({ width, height: 700 })
      const words = await findBrokenWords(page)
      if (words.length > 0) broken[`${path} ${width}`] = words
    }
  }

  assert.deepEqual(broken, {})
})

test('a tag stands within its column, and a long summary in three lines', async () => {
  await using watched = await openPage()
  const { page } = watched
  const right = async (selector: string): Promise<number> => {
    const { x = 0, width = 0 } = (await page.locator(selector).first().boundingBox()) ?? {}
    return x + width
  }

  for (const width of [NARROW, 640, 760]) {
    await page.setViewportSize({ width, height: 700 })
    await open(page, api, '/ada/dev/anchor')
    assert.ok((await right('tbody .tag')) <= (await right('tbody tr > th')), `${width}`)
    await open(page, api, '/ada/dev')
    const summary = await page.locator('.summary .text').boundingBox()
    assert.ok(summary && summary.height < 80, `${width}: ${summary?.height}`)
  }
})

test('the title of a result stands beside the mark that opens it', async () => {
  await using watched = await openPage({ width: NARROW })
  const { page } = watched
  await open(page, api, results)
  await page.locator('tbody th a').click()

  const line = await page.locator('main summary').first().boundingBox()
  const title = await page.locator('main summary h2').boundingBox()

  assert.ok(line && title && title.y - line.y < 10, JSON.stringify({ line, title }))
})

test('what is yanked is struck through, and its documentation is not', async () => {
  await api.put(`${release}/+yank`, { as: 'ada', json: { reason: 'sinks' } })
  await using watched = await openPage()
  const { page } = watched
  await open(page, api, '/ada/dev/anchor')

  const lines = await page.evaluate(
    `[...document.querySelectorAll('.yanked th a')].map((link) => getComputedStyle(link).textDecorationLine)`,
  )

  assert.deepEqual(lines, ['line-through', 'underline'])
})

test('one line divides footnotes from what is above them', async () => {
  const description = 'A term[^1]\n\n[^1]: A note.\n'
  const noted = { name: 'noted', description, description_content_type: 'text/markdown' }
  await sendFile(api, 'ada/dev', makeWheel('noted', '1.0'), noted)
  await using watched = await openPage()
  const { page } = watched
  await open(page, api, '/ada/dev/noted/1.0')

  const border = await page.evaluate(
    `getComputedStyle(document.querySelector('.footnotes')).borderTopWidth`,
  )

  assert.equal(await page.locator('.footnotes hr').count(), 1)
  assert.equal(border, '0px')
})
