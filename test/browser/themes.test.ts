/** Each theme in the box, as people have it: light and dark, narrow and wide. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { findOverflow, findShifts, findViolations, open, openPage } from '../support/browser.ts'
import { startFullServer } from '../support/full-server.ts'
import { makeTempFolder } from '../support/temp.ts'
import { startApi } from '../support/api.ts'

const themes = ['paper', 'contrast']

test('every page can be read in every theme, and nothing sticks out or moves', async () => {
  await using full = await startFullServer()
  await using watched = await openPage()
  const { page } = watched
  const findings: Record<string, readonly string[]> = {}
  const note = (where: string, found: readonly string[]): void => {
    if (found.length > 0) findings[where] = found.slice(0, 3).map((one) => one.slice(0, 300))
  }

  for (const theme of themes) {
    await full.api.restart({ theme: { text: theme, folder: theme } })
    for (const path of full.pages) {
      const where = `${theme} ${path}`
      await page.setViewportSize({ width: 1280, height: 900 })
      await open(page, full.api, path)
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme })
        const found = await findViolations(page, ['color-contrast', 'link-in-text-block'])
        note(`${where} ${colorScheme}`, found)
      }
      note(`${where} moves`, await findShifts(page))
      await page.setViewportSize({ width: 320, height: 700 })
      note(`${where} narrow`, await findOverflow(page))
      note(`${where} problems`, watched.takeProblems())
    }
  }

  assert.deepEqual(findings, {})
})

test('a page shows at once what is changed in its theme', async () => {
  await using theme = await makeTempFolder('theme')
  const write = (word: string, colour: string) =>
    Promise.all([
      theme.write('templates/parts/footer-end.eta', `<p id="${word}">${word}</p>`),
      theme.write('static/style.css', `h1 { color: ${colour} }`),
    ])
  await write('one', 'rgb(1, 2, 3)')
  const place = { text: theme.path, folder: theme.path }
  await using api = await startApi({ config: { theme: place, themeReload: true } })
  await using watched = await openPage()
  const { page } = watched
  const colour = () => page.evaluate(`getComputedStyle(document.querySelector('h1')).color`)

  await open(page, api, '/')
  assert.equal(await colour(), 'rgb(1, 2, 3)')
  await write('two', 'rgb(3, 2, 1)')
  await page.waitForSelector('#two')
  await page.waitForLoadState()

  assert.equal(await colour(), 'rgb(3, 2, 1)')
  assert.deepEqual(watched.takeProblems(), [])
})
