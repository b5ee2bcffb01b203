/** `+explain` tells of every file what the page does with it, and why. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  BEGINNING,
  DAY_MS,
  POLICED_MIRROR as MIRROR,
  POLICED_STAGE as STAGE,
  SIMPLE_JSON,
  startPolicedWorld,
} from '../support/policies.ts'
import { runCommand } from '../support/command.ts'
import { body } from '../support/fake-upstream.ts'
import { until } from '../support/until.ts'
import { sendFile } from '../support/upload.ts'
import { makeSdist, makeWheel } from '../support/wheel.ts'

const old = makeWheel('anchor', '1.0')
const young = makeWheel('anchor', '1.1')
const at = (ms: number): Record<string, unknown> => ({ 'upload-time': new Date(ms).toISOString() })
const anchor = {
  anchor: [
    { built: old, facts: at(BEGINNING - 30 * DAY_MS) },
    { built: young, facts: at(BEGINNING - 2 * DAY_MS) },
  ],
}

test('a hidden file is explained by the policy, its index, the reason and when it ends', async () => {
  await using world = await startPolicedWorld(anchor)
  await world.set({ cooldown: '7d' })

  const { result } = await world.api.get(`/${STAGE}/+explain/anchor`)

  assert.equal(result.shown, 1)
  assert.equal(result.hidden, 1)
  const [first, second] = result.files
  assert.equal(first.filename, young.filename)
  assert.deepEqual(first.hidden_by, {
    rule: 'cooldown',
    index: STAGE,
    reason: 'it is younger than 7d',
    until: '2026-06-06T00:00:00.000Z',
  })
  assert.equal(first.upstream, world.upstream.url(`/f/${young.filename}`))
  assert.equal(second.shown, true)
  assert.ok(second.path.startsWith(`${STAGE}/+f/`))
})

test('a mirror that is kept out is explained, with what is known of it', async () => {
  await using world = await startPolicedWorld(anchor)
  await world.shown('anchor', MIRROR)
  const own = makeWheel('anchor', '0.1')
  await sendFile(world.api, STAGE, own, { name: 'anchor', version: '0.1' })

  const { result } = await world.api.get(`/${STAGE}/+explain/anchor`)

  const hidden = result.files.filter((file: { shown: boolean }) => !file.shown)
  assert.deepEqual(
    hidden.map((file: { hidden_by: { rule: string; index: string } }) => file.hidden_by.rule),
    ['mirror_whitelist', 'mirror_whitelist'],
  )
  const mirror = result.indexes.find((one: { index: string }) => one.index === MIRROR)
  assert.equal(mirror.asked, false)
  assert.match(mirror.reason, /no mirror_whitelist lets the mirror add to it/)
})

test('a mirror that is held back is not asked, and the reason is told', async () => {
  await using world = await startPolicedWorld(anchor)
  await world.set({ mirror_no_project_list: true }, MIRROR)
  await world.api.makeIndex('ada/base', { bases: [MIRROR], mirror_whitelist: ['anchor'] })
  await world.set({ bases: ['ada/base'], mirror_whitelist_inheritance: 'union' })
  const own = makeWheel('anchor', '0.1')
  await sendFile(world.api, STAGE, own, { name: 'anchor', version: '0.1' })

  const { result } = await world.api.get(`/${STAGE}/+explain/anchor`)

  const mirror = result.indexes.find((one: { index: string }) => one.index === MIRROR)
  assert.equal(mirror.asked, false)
  assert.match(mirror.reason, /its own whitelist does not name/)
  assert.equal(world.upstream.requestsTo('/simple/anchor/').length, 0)
})

test('what a rehearsed policy would hide is told', async () => {
  await using world = await startPolicedWorld(anchor)
  await world.set({ cooldown: '7d', policy_mode: 'observe' })
  const { result } = await world.api.get(`/${STAGE}/+explain/anchor?version=1.1`)
  assert.equal(result.files.length, 1)
  assert.equal(result.files[0].shown, true)
  assert.equal(result.files[0].rehearsed.rule, 'cooldown')
})

test('a version is asked for in any way of writing it', async () => {
  await using world = await startPolicedWorld(anchor)
  const { result } = await world.api.get(`/${STAGE}/+explain/anchor?version=v1.1.0`)
  assert.deepEqual(
    result.files.map(({ filename }: { filename: string }) => filename),
    [young.filename],
  )
})

test('offline, a file that is not here is hidden for that', async () => {
  await using world = await startPolicedWorld(anchor)
  const path = await world.pathOf(old.filename, 'anchor')
  assert.equal((await world.api.get(path, { accept: '*/*' })).status, 200)
  await world.api.restart({ offlineMode: true })

  const { result } = await world.api.get(`/${STAGE}/+explain/anchor`)

  assert.deepEqual(
    result.files.map((file: { shown: boolean; hidden_by?: { rule: string } }) => [
      file.shown,
      file.hidden_by?.rule,
    ]),
    [
      [false, 'offline'],
      [true, undefined],
    ],
  )
})

test('an upstream that fails is told with the reason', async () => {
  await using world = await startPolicedWorld(anchor)
  await world.shown('anchor')
  world.pass(DAY_MS)
  await world.upstream.close()

  const explain = async () => {
    const { result } = await world.api.get(`/${STAGE}/+explain/anchor`)
    const { mirror } = result.indexes.find((one: { index: string }) => one.index === MIRROR)
    return { result, mirror }
  }
  // An answer does not wait for the failure longer than a page would.
  await until(async () => (await explain()).mirror.failing !== undefined)
  const { result, mirror } = await explain()

  assert.equal(mirror.standing, 'stale')
  assert.ok(mirror.failing.failures >= 1)
  assert.match(mirror.failing.reason, /refused/)
  assert.equal(result.shown, 2)
})

test('files of a quarantined project are explained, and refused at an index with policies', async () => {
  const status = { status: 'quarantined', reason: 'looks odd' }
  const content = JSON.stringify({
    meta: { 'api-version': '1.4' },
    name: 'anchor',
    versions: [],
    'project-status': status,
    files: [{ filename: old.filename, url: `/f/${old.filename}`, hashes: { sha256: old.sha256 } }],
  })
  await using world = await startPolicedWorld(anchor)
  const path = await world.pathOf(old.filename, 'anchor')
  world.upstream.answerWith(body(content, { headers: { 'content-type': SIMPLE_JSON } }))
  world.pass(DAY_MS / 24)
  await world.set({ deny: ['other'] })

  const { result } = await world.api.get(`/${STAGE}/+explain/anchor`)

  const file = result.files.find((one: { filename: string }) => one.filename === old.filename)
  assert.equal(file.hidden_by.rule, 'quarantined')
  const refused = await world.api.get(path.replace(MIRROR, STAGE), { accept: '*/*' })
  assert.equal(refused.status, 403)
  assert.match(refused.text, /quarantined/)
})

test('a project that nobody has can not be explained', async () => {
  await using world = await startPolicedWorld(anchor)
  assert.equal((await world.api.get(`/${STAGE}/+explain/nothing`)).status, 404)
  assert.equal((await world.api.get('/no/index/+explain/anchor')).status, 404)
})

test('wheelyard explain prints it for people, or as JSON', async () => {
  await using world = await startPolicedWorld(anchor)
  await world.set({ cooldown: '7d' })
  const index = new URL(STAGE, world.api.app.url).href
  const run = (...args: string[]) =>
    runCommand(['explain', ...args], { cwd: world.api.folder.path })

  const plain = await run(index, 'anchor')
  assert.equal(plain.code, 0, plain.output)
  assert.match(plain.stdout, /anchor on ada\/dev: 1 shown, 1 hidden/)
  assert.match(
    plain.stdout,
    /hidden {2}1\.1 {2}1 file {2}ada\/mirror {2}cooldown \(ada\/dev\): it is younger than 7d, until 2026-06-06 00:00 UTC/,
  )
  const byFile = await run(index, 'anchor', '--files')
  assert.match(
    byFile.stdout,
    /hidden {2}anchor-1\.1-py3-none-any\.whl {2}ada\/mirror {2}uploaded 2026-05-30 00:00 UTC {2}cooldown/,
  )
  const asJson = await run(STAGE, 'anchor==1.1', '--server', world.api.app.url, '--json')
  assert.equal(JSON.parse(asJson.stdout).files.length, 1)
  const other = await run(index, 'anchor==9')
  assert.equal(other.code, 1)
  assert.doesNotMatch(other.stdout, /\n\n\n/)
  for (const wanted of ['anchor=1.0', 'anchor>=1', 'anchor==1.0==1', '']) {
    const wrong = await run(index, wanted)
    assert.equal(wrong.code, 2, wrong.output)
    assert.match(wrong.output, /is neither PROJECT nor PROJECT==VERSION/)
  }
  assert.equal((await run('nonsense', 'anchor')).code, 2)
  const missing = await run(index, 'nothing')
  assert.equal(missing.code, 1)
  assert.match(missing.output, /The project nothing does not exist/)

  await world.api.post(`/${STAGE}/`, {
    as: 'ada',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: ':action=submit&name=empty&version=1.0',
  })
  const empty = await run(index, 'empty')
  assert.equal(empty.code, 1)
  assert.match(empty.output, /ada\/dev knows no file of empty/)
})

test('a file of which upstream has other content by now is told', async () => {
  await using world = await startPolicedWorld({ anchor: [{ built: old }] })
  assert.deepEqual(await world.shown('anchor'), [old.filename])
  const file = { filename: old.filename, url: `/f/${old.filename}` }
  const page = {
    ...{ meta: { 'api-version': '1.1' }, name: 'anchor' },
    files: [{ ...file, hashes: { sha256: 'a'.repeat(64) } }],
  }
  world.upstream.answerWith(body(JSON.stringify(page), { type: SIMPLE_JSON }))
  await world.api.post(`/${STAGE}/+simple/anchor/refresh`)

  const { stdout } = await runCommand(
    ['explain', new URL(STAGE, world.api.app.url).href, 'anchor'],
    { cwd: world.api.folder.path },
  )

  assert.match(
    stdout,
    /shown {2}1\.0 .*upstream has other content of this name since \d{4}-\d\d-\d\d \d\d:\d\d UTC/,
  )
})

test('what an upstream says does not steer the terminal', async () => {
  const yanked = 'broken\u001b[2Jon Windows'
  await using world = await startPolicedWorld({ anchor: [{ built: old, facts: { yanked } }] })
  await world.set({ deny_yanked: true })
  const index = new URL(STAGE, world.api.app.url).href
  const { stdout } = await runCommand(['explain', index, 'anchor'], {
    cwd: world.api.folder.path,
  })
  assert.match(stdout, /it is yanked: broken \[2Jon Windows/)
})

const options = fc.record(
  {
    cooldown: fc.constantFrom('1d', '7d', '60d'),
    allow: fc.constantFrom(['anchor<2'], ['*'], ['anchor>=1.1']),
    deny: fc.constantFrom(['anchor==1.1'], ['other'], ['anchor>2']),
    only_binary: fc.constant(':all:'),
    newest_versions: fc.constantFrom(1, 2),
    mirror_whitelist: fc.constantFrom(['*'], ['anchor'], []),
    policy_mode: fc.constantFrom('observe', 'enforce'),
  },
  { requiredKeys: [] },
)

/** Another one than upstream's of the same name, where the version is odd. */
const ownWheel = (version: string) =>
  makeWheel('anchor', version, version === '1.1' ? { content: 'own = True\n' } : {})

const worlds = fc.record({
  team: options,
  dev: options,
  ownVersions: fc.uniqueArray(fc.constantFrom('1.0', '1.1', '2.0', '3.0'), { maxLength: 2 }),
  devBases: fc.constantFrom(['ada/team'], [MIRROR], ['ada/team', MIRROR], []),
})

/** Where an index with policies would serve a file. */
const folderOf = (sha256: string): string => `+f/${sha256.slice(0, 3)}/${sha256.slice(3, 16)}`

test('whatever the indexes, whitelists and policies, the page shows what is explained as shown, and what is hidden is refused', async () => {
  const upstream = {
    anchor: ['1.0', '1.1', '2.0', '3.0rc1'].flatMap((version, number) => [
      { built: makeWheel('anchor', version), facts: at(BEGINNING - 2 ** number * DAY_MS) },
      { built: makeSdist('anchor', version), facts: at(BEGINNING - 3 ** number * DAY_MS) },
    ]),
  }
  await using world = await startPolicedWorld(upstream)
  let run = 0
  let hiddenFiles = 0
  await fc.assert(
    fc.asyncProperty(worlds, async ({ team, dev, ownVersions, devBases }) => {
      const [upper, lower] = [`ada/dev${run}`, `ada/team${run++}`]
      await world.api.makeIndex(lower, { bases: [MIRROR], ...team })
      const bases = devBases.map((base) => (base === 'ada/team' ? lower : base))
      await world.api.makeIndex(upper, { bases, ...dev })
      for (const version of ownVersions) {
        await sendFile(world.api, lower, ownWheel(version), { name: 'anchor', version })
      }
      for (const index of [upper, lower]) {
        const shown = await world.shown('anchor', index)
        const { status, result } = await world.api.get(`/${index}/+explain/anchor`)
        if (status === 404) {
          assert.deepEqual(shown, [])
          continue
        }
        const explained = result.files.filter((file: { shown: boolean }) => file.shown)
        assert.deepEqual(
          explained.map(({ filename }: { filename: string }) => filename).sort(),
          shown,
        )
        for (const { path } of explained) {
          assert.equal((await world.api.get(`/${path}`, { accept: '*/*' })).status, 200, path)
        }
        if (!result.policies) continue
        const served = new Set(explained.map(({ path }: { path: string }) => path))
        for (const { filename, hashes, shown: isShown } of result.files) {
          const path = `${index}/${folderOf(hashes.sha256)}/${filename}`
          // The very same file may be offered by an index that comes first.
          if (isShown || served.has(path)) continue
          hiddenFiles++
          assert.equal((await world.api.get(`/${path}`, { accept: '*/*' })).status, 403, path)
        }
      }
    }),
    { numRuns: 25 },
  )
  assert.ok(hiddenFiles > 0)
})
