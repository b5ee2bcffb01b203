/** Where advisories come from: read at the start, looked for again, and never lost to a failure. */
import assert from 'node:assert/strict'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { test } from 'node:test'
import { createLog } from '#base/log'
import type { RunningHook } from '#plugins/plugin'
import { advisory, fixedIn, osvZip } from '../../test/support/advisories.ts'
import { body, breakAfter, notFound, redirectTo, stall } from '../../test/support/fake-upstream.ts'
import { startFakeUpstream, type Answer } from '../../test/support/fake-upstream.ts'
import { makeTempFolder, type TempFolder } from '../../test/support/temp.ts'
import { makeZip } from '../../test/support/zip.ts'
import { Advisories } from './advisories.ts'

const evil = advisory('MAL-2026-1', 'evil', { versions: ['1.0'] })
const weak = fixedIn('GHSA-1', 'weak', '2.0')

interface Started extends AsyncDisposable {
  readonly advisories: Advisories
  readonly logged: readonly string[]
}

async function start(
  folder: TempFolder,
  places: readonly string[],
  isOffline = false,
): Promise<Started> {
  const logged: string[] = []
  const log = createLog({ level: 'warn', stream: { write: (line) => logged.push(line) } })
  const advisories = new Advisories({ places, intervalMs: 3_600_000, isOffline })
  const host = { folder: folder.join('kept'), userAgent: 'test', log }
  const running: RunningHook = await advisories.start(host)
  return {
    advisories,
    get logged() {
      log.flush()
      return logged
    },
    [Symbol.asyncDispose]: () => running.close(),
  }
}

const ids = (advisories: Advisories, project: string): string[] =>
  advisories.about(project).map(({ id }) => id)

test('a folder is read with all that is below it, files and zips, and told anew when it changes', async () => {
  await using folder = await makeTempFolder()
  await mkdir(folder.join('osv/deep'), { recursive: true })
  await mkdir(folder.join('osv/.git'))
  await writeFile(folder.join('osv/deep/one.json'), JSON.stringify(evil))
  await writeFile(folder.join('osv/all.zip'), osvZip(weak))
  await writeFile(folder.join('osv/.git/x.json'), JSON.stringify(advisory('MAL-9', 'weak', {})))
  await using started = await start(folder, [folder.join('osv')])
  const { advisories } = started
  assert.deepEqual([ids(advisories, 'evil'), ids(advisories, 'weak')], [['MAL-2026-1'], ['GHSA-1']])

  const { revision } = advisories
  await advisories.refresh()
  assert.equal(advisories.revision, revision, 'nothing changed')

  await writeFile(folder.join('osv/two.json'), JSON.stringify([advisory('MAL-2', 'other', {})]))
  await advisories.refresh()
  assert.equal(advisories.revision, revision + 1)
  assert.deepEqual(ids(advisories, 'other'), ['MAL-2'])

  await rm(folder.join('osv'), { recursive: true })
  await advisories.refresh()
  assert.deepEqual(ids(advisories, 'other'), ['MAL-2'], 'the last ones stay')
  assert.match(started.logged.join(''), /could not be read/)
})

test('a feed is fetched once, asked again with its ETag, and what is kept of it outlives a restart', async () => {
  await using folder = await makeTempFolder()
  await using feed = await startFakeUpstream(body(osvZip(evil), { headers: { etag: '"1"' } }))
  const places = [feed.url('/all.zip')]
  {
    await using started = await start(folder, places)
    assert.match(started.advisories.missing ?? '', /no advisories were read yet/)
    await started.advisories.refresh()
    assert.equal(started.advisories.missing, undefined)
    assert.deepEqual(ids(started.advisories, 'evil'), ['MAL-2026-1'])
    assert.equal(feed.requests.at(-1)?.headers['if-none-match'], '"1"')
  }
  feed.answerWith((_, response) => void response.writeHead(304).end())
  await using again = await start(folder, places)
  assert.deepEqual(ids(again.advisories, 'evil'), ['MAL-2026-1'], 'before anything is fetched')
  await again.advisories.refresh()
  assert.deepEqual(again.logged, [])
})

const failures: Readonly<Record<string, Answer>> = {
  'is missing': notFound,
  'breaks off': breakAfter(osvZip(weak), 40),
  'sends a page instead': body('<h1>Sorry</h1>'),
  'sends JSON of another kind': body('{"error": "quota"}'),
  'sends a broken zip': body(osvZip(weak).subarray(0, 100)),
  'sends a bomb': body(
    makeZip([{ name: 'a.json', content: Buffer.alloc(80 * 1024 * 1024, 0x20) }]),
  ),
  'redirects for ever': redirectTo('/all.zip'),
}

for (const [how, answer] of Object.entries(failures)) {
  test(`the last good advisories stay when the feed ${how}`, async () => {
    await using folder = await makeTempFolder()
    await using feed = await startFakeUpstream(body(JSON.stringify(evil)))
    await using started = await start(folder, [feed.url('/all.zip')])
    await started.advisories.refresh()
    feed.answerWith(answer)
    await started.advisories.refresh()
    assert.deepEqual(ids(started.advisories, 'evil'), ['MAL-2026-1'])
    assert.match(started.logged.join(''), /could not be read/)
    await using again = await start(folder, [feed.url('/all.zip')], true)
    assert.deepEqual(ids(again.advisories, 'evil'), ['MAL-2026-1'])
  })
}

test('an advisory that makes no sense is passed over and told of', async () => {
  await using folder = await makeTempFolder()
  const bad = { name: 'bad.json', content: '{"id": 1}' }
  const deep = { name: 'deep.json', content: '['.repeat(200_000) }
  const good = { name: 'good.json', content: JSON.stringify(evil) }
  await writeFile(folder.join('all.zip'), makeZip([bad, deep, good]))
  await using started = await start(folder, [folder.join('all.zip')])
  assert.deepEqual(ids(started.advisories, 'evil'), ['MAL-2026-1'])
  assert.match(started.logged.join(''), /"count":2.*bad\.json: an advisory must have an id/)
})

test('a feed’s password is sent to its own server alone, and to no log', async () => {
  await using folder = await makeTempFolder()
  await using other = await startFakeUpstream(notFound)
  await using feed = await startFakeUpstream(redirectTo(other.url('/elsewhere')))
  const place = feed.url('/all.zip').replace('://', '://jo:secret@')
  await using started = await start(folder, [place])
  await started.advisories.refresh()
  const basic = `Basic ${Buffer.from('jo:secret').toString('base64')}`
  assert.equal(feed.requests[0]?.headers.authorization, basic)
  assert.ok(other.requests.length > 0)
  assert.ok(other.requests.every(({ headers }) => headers.authorization === undefined))
  assert.doesNotMatch(started.logged.join(''), /secret/)
})

test('a feed that never answers keeps neither the start nor the end waiting', async () => {
  await using folder = await makeTempFolder()
  await using feed = await startFakeUpstream(stall)
  const { promise: asked, resolve } = Promise.withResolvers<void>()
  feed.answerWith(() => resolve())
  {
    await using started = await start(folder, [feed.url('/all.zip')])
    await asked
    assert.match(started.advisories.missing ?? '', /no advisories were read yet/)
  }
})

test('no feed is asked offline', async () => {
  await using folder = await makeTempFolder()
  await using feed = await startFakeUpstream(body(JSON.stringify(evil)))
  await using started = await start(folder, [feed.url('/all.zip')], true)
  await started.advisories.refresh()
  assert.equal(feed.requests.length, 0)
})
