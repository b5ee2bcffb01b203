/** The page of a mirror: what is known here of the projects that it was asked for. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BEGINNING, DAY_MS, POLICED_MIRROR, startPolicedWorld } from '../support/policies.ts'
import { addRelease, getPage, linksIn, startWeb, textOf } from '../support/web.ts'
import { makeWheel } from '../support/wheel.ts'

const at = (days: number) => ({ 'upload-time': new Date(BEGINNING - days * DAY_MS).toISOString() })
const upstream = {
  anchor: [
    { built: makeWheel('anchor', '1.9', { summary: 'Weighs anchors' }), facts: at(60) },
    { built: makeWheel('anchor', '1.10', { summary: 'Drops anchors' }), facts: at(2) },
  ],
  bare: [],
}
const path = `/${POLICED_MIRROR}`

/** The table of projects as its reader sees it. */
const tableOf = (html: string): string => textOf(/<table[^]*?<\/table>/.exec(html)?.[0] ?? '')

test('a mirror shows the newest release of what was asked of it, and asks nothing for that', async () => {
  await using world = await startPolicedWorld(upstream)
  for (const project of ['anchor', 'bare']) await world.shown(project)
  const asked = world.upstream.requests.length

  const page = await getPage(world.api, path)
  const requests = world.upstream.requests.length - asked
  await getPage(world.api, `${path}/anchor/1.10`)
  await world.api.get(`${path}/+simple/anchor/`, { accept: 'text/html' })
  const informed = await getPage(world.api, path, { as: 'ada' })

  assert.equal(requests, 0)
  assert.equal(tableOf(page.text), 'Project Newest Changed anchor 1.10 2026-05-30 00:00 UTC bare')
  assert.ok(linksIn(page.text).includes(`${path}/anchor/1.10`))
  assert.match(tableOf(informed.text), /^Project Newest Summary Changed anchor 1\.10 Drops anchors/)
})

test('it shows no release that its policies hide, and shows it when they hide it no more', async () => {
  await using world = await startPolicedWorld(upstream)
  await world.set({ cooldown: '7d' }, POLICED_MIRROR)
  await world.shown('anchor')

  const hidden = tableOf((await getPage(world.api, path)).text)
  world.pass(6 * DAY_MS)
  const shown = tableOf((await getPage(world.api, path)).text)

  assert.match(hidden, /anchor 1\.9 /)
  assert.match(shown, /anchor 1\.10 /)
})

test('a column of which no project has anything is left out', async () => {
  await using api = await startWeb()
  await addRelease(api, 'ada/dev', 'anchor', '1.0')

  const without = tableOf((await getPage(api, '/ada/dev')).text)
  await addRelease(api, 'ada/dev', 'chain', '1.0', { summary: 'Holds' })
  const withSummary = tableOf((await getPage(api, '/ada/dev')).text)

  assert.match(without, /^Project Newest Changed anchor/)
  assert.match(withSummary, /^Project Newest Summary Changed anchor/)
})
