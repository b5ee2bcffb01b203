/** Every page as people have it: narrow and wide, light and dark, with and without scripts, of a full and an empty server. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Api } from '../support/api.ts'
import {
  findOverflow,
  findShifts,
  findViolations,
  logIn,
  open,
  openPage,
  type WatchedPage,
} from '../support/browser.ts'
import { startApi } from '../support/api.ts'
import { startFullServer } from '../support/full-server.ts'

const NARROW = { width: 320, height: 700 }
const WIDE = { width: 1280, height: 900 }

type Findings = Record<string, string[]>

/** What is wrong, by page; nothing is asserted before all have been seen. */
function note(findings: Findings, where: string, found: readonly string[]): void {
  if (found.length > 0) findings[where] = found.slice(0, 5).map((one) => one.slice(0, 400))
}

async function lookAt(watched: WatchedPage, api: Api, paths: readonly string[]): Promise<Findings> {
  const { page } = watched
  const findings: Findings = {}
  for (const path of paths) {
    await page.emulateMedia({ colorScheme: 'light' })
    await page.setViewportSize(WIDE)
    await open(page, api, path)
    note(findings, `${path} moves`, await findShifts(page))
    note(findings, `${path} wide`, await findOverflow(page))
    note(findings, `${path} axe`, await findViolations(page))
    await page.emulateMedia({ colorScheme: 'dark' })
    note(
      findings,
      `${path} dark`,
      await findViolations(page, ['color-contrast', 'link-in-text-block']),
    )
    await page.setViewportSize(NARROW)
    await open(page, api, path)
    note(findings, `${path} narrow moves`, await findShifts(page))
    note(findings, `${path} narrow`, await findOverflow(page))
    note(
      findings,
      `${path} narrow axe`,
      await findViolations(page, ['scrollable-region-focusable', 'target-size']),
    )
    note(findings, `${path} problems`, watched.takeProblems())
  }
  return findings
}

async function lookWithoutScripts(api: Api, paths: readonly string[]): Promise<Findings> {
  await using watched = await openPage({ javaScriptEnabled: false, width: 320 })
  const findings: Findings = {}
  for (const path of paths) {
    await open(watched.page, api, path)
    note(findings, `${path} narrow`, await findOverflow(watched.page))
    note(findings, `${path} problems`, watched.takeProblems())
  }
  return findings
}

test('nothing is wrong with any page of a full server', async () => {
  await using full = await startFullServer()
  await using watched = await openPage()

  assert.deepEqual(await lookAt(watched, full.api, full.pages), {})
})

test('nor with the forms, nor with pages without scripts', async () => {
  await using full = await startFullServer()
  await using watched = await openPage()

  await logIn(watched.page, full.api, '/ada')
  const own = await lookAt(watched, full.api, full.ownPages)
  const plain = await lookWithoutScripts(full.api, full.pages)

  assert.deepEqual({ ...own, ...plain }, {})
})

test('nor with those of an empty one', async () => {
  await using api = await startApi({ indexes: ['ada/dev'] })
  await using watched = await openPage()
  const paths = [
    '/',
    '/ada',
    '/ada/dev',
    '/+status',
    '/+changes',
    '/+search?query=x',
    '/+inheritance',
  ]

  assert.deepEqual(await lookAt(watched, api, paths), {})
})
