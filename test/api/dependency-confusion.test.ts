/** The cases of docs/explain/dependency-confusion.md: what an installer gets. */
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import {
  POLICED_MIRROR as OUTSIDE,
  POLICED_STAGE as STAGE,
  startPolicedWorld,
  type PolicedWorld,
} from '../support/policies.ts'
import { sendFile } from '../support/upload.ts'
import { makeSdist, makeWheel } from '../support/wheel.ts'

const BASE = 'ada/base'
const own = makeWheel('tools', '1.0', { content: 'own = True\n' })
const evil = makeWheel('tools', '99.0')
const sameName = makeWheel('tools', '1.0', { content: 'evil = True\n' })
const typo = makeWheel('toolz', '99.0')
const other = makeSdist('tools', '2.0')

const start = (): Promise<PolicedWorld> =>
  startPolicedWorld({
    tools: [{ built: evil }, { built: sameName }],
    toolz: [{ built: typo }],
  })

const uploadOwn = (world: PolicedWorld, index = STAGE): Promise<unknown> =>
  sendFile(world.api, index, own, { name: 'tools' })

async function withBase(world: PolicedWorld, options: object = {}): Promise<void> {
  await world.api.makeIndex(BASE, { bases: [OUTSIDE], ...options })
  await world.set({ bases: [BASE] })
}

const outside = [sameName.filename, evil.filename]
const asked = (world: PolicedWorld): number => world.upstream.requestsTo('/simple/tools/').length

/** A row of the page's table. */
const rows = new Set<string>()
function row(title: string, work: () => Promise<void>): void {
  rows.add(title)
  test(title, work)
}

row('an own name is registered outside later, with a higher version', async () => {
  await using world = await start()
  await uploadOwn(world)
  assert.deepEqual(await world.shown('tools'), [own.filename])
  assert.equal(asked(world), 0)
})

row('a file of the very same name is offered outside', async () => {
  await using world = await start()
  await uploadOwn(world)
  await world.set({ mirror_whitelist: ['tools'] })
  assert.deepEqual(await world.shown('tools'), [own.filename, evil.filename])
  const path = await world.pathOf(own.filename, 'tools')
  assert.deepEqual((await world.api.get(path, { accept: '*/*' })).bytes, own.bytes)
})

row('a name that a base of the index has is registered outside', async () => {
  await using world = await start()
  await withBase(world)
  await uploadOwn(world, BASE)
  assert.deepEqual(await world.shown('tools'), [own.filename])
  assert.equal(asked(world), 0)
})

row('a name that was claimed without any file', async () => {
  await using world = await start()
  await uploadOwn(world)
  const path = await world.pathOf(own.filename, 'tools')
  assert.equal((await world.api.del(`${path}?force`, { as: 'ada' })).status, 200)
  await world.api.post(`/${STAGE}/`, {
    as: 'ada',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: ':action=submit&name=tools&version=1.0',
  })
  assert.deepEqual(await world.shown('tools'), [])
  assert.equal(asked(world), 0)
})

row('the outside spells the name in another way (Foo_Bar)', async () => {
  const spelt = makeWheel('Foo_Bar', '99.0')
  await using world = await startPolicedWorld({ 'foo-bar': [{ built: spelt }] })
  const ours = makeWheel('foo.bar', '1.0')
  await sendFile(world.api, STAGE, ours, { name: 'foo.bar' })
  assert.deepEqual(await world.shown('foo-bar'), [ours.filename])
})

row('an own project is deleted', async () => {
  await using world = await start()
  await uploadOwn(world)
  assert.equal((await world.api.del(`/${STAGE}/tools?force`, { as: 'ada' })).status, 200)
  assert.deepEqual(await world.shown('tools'), outside)
})

row('a name is mistyped, and the outside has the mistyped one', async () => {
  await using world = await start()
  await uploadOwn(world)
  assert.deepEqual(await world.shown('toolz'), [typo.filename])
  await world.set({ allow: ['tools'] })
  assert.deepEqual(await world.shown('toolz'), [])
})

for (const [title, whitelist] of [
  ['mirror_whitelist names the project', ['tools']],
  ['mirror_whitelist=*', ['*']],
] as const) {
  row(title, async () => {
    await using world = await start()
    await uploadOwn(world)
    await world.set({ mirror_whitelist: whitelist })
    assert.deepEqual(await world.shown('tools'), [own.filename, evil.filename])
  })
}

for (const [inheritance, shown] of [
  ['intersection', [own.filename]],
  ['union', [own.filename, evil.filename]],
] as const) {
  row(`a base's whitelist names the project, with ${inheritance} on the index`, async () => {
    await using world = await start()
    await withBase(world, { mirror_whitelist: ['tools'] })
    await uploadOwn(world)
    await world.set({ mirror_whitelist_inheritance: inheritance })
    assert.deepEqual(await world.shown('tools'), shown)
  })
}

row('a private mirror has mirror_whitelist_exempt', async () => {
  await using world = await start()
  await using team = await startPolicedWorld({ tools: [{ built: other }] })
  const exempt = { type: 'mirror', mirror_url: team.upstream.url('/simple/') }
  await world.api.makeIndex('ada/private', { ...exempt, mirror_whitelist_exempt: true })
  await world.set({ bases: ['ada/private', OUTSIDE] })
  await uploadOwn(world)
  assert.deepEqual(await world.shown('tools'), [own.filename, other.filename])
  assert.equal(asked(world), 0)
})

row('two mirrors offer a name that nobody has claimed', async () => {
  await using world = await start()
  await using team = await startPolicedWorld({ tools: [{ built: other }] })
  const mirror = { type: 'mirror', mirror_url: team.upstream.url('/simple/') }
  await world.api.makeIndex('ada/private', mirror)
  await world.set({ bases: ['ada/private', OUTSIDE] })
  assert.deepEqual(await world.shown('tools'), [...outside, other.filename].sort())
  await world.set({ deny: ['tools'] }, OUTSIDE)
  assert.deepEqual(await world.shown('tools'), [other.filename])
})

test('a file of a mirror that is kept out is refused at an index with policies, with the reason', async () => {
  await using world = await start()
  const path = await world.pathOf(evil.filename, 'tools')
  await uploadOwn(world)
  await world.set({ cooldown: '1s' })
  const reply = await world.api.get(path.replace(OUTSIDE, STAGE))
  assert.equal(reply.status, 403)
  assert.match(reply.text, /mirror_whitelist of ada\/dev: a stage has a project of this name/)
})

test('an alarm tells when an upstream offers a claimed name, until it ends', async () => {
  await using world = await start()
  const claims = async (): Promise<{ project: string; mirror: string; stage: string }[]> =>
    (await world.api.get('/+status', { as: 'ada' })).result.claimed_names
  await uploadOwn(world)
  assert.deepEqual(await claims(), [])
  await world.api.get(`/${OUTSIDE}/+simple/`, { accept: 'application/vnd.pypi.simple.v1+json' })
  const found = await until(claims, (list) => list.length > 0)
  assert.deepEqual(
    found.map(({ project, mirror, stage }) => [project, mirror, stage]),
    [['tools', OUTSIDE, STAGE]],
  )
  const { result: seen } = await world.api.get('/+status')
  assert.deepEqual([seen.claimed_names, seen.claimed_count], [[], 1])
  await world.set({ acl_read: ['ada'] })
  const { result: hidden } = await world.api.get('/+status')
  assert.equal(hidden.claimed_count, 0)
  await world.set({ acl_read: [':ANONYMOUS:'] })
  const { result } = await world.api.get(`/${STAGE}/+explain/tools`)
  const mirror = result.indexes.find((one: { index: string }) => one.index === OUTSIDE)
  assert.ok(mirror.mirror.claimed_since)
  assert.equal(asked(world), 0)

  await world.api.restart()
  assert.deepEqual(await claims(), found)
  await world.set({ mirror_whitelist: ['tools'] })
  await until(claims, (list) => list.length === 0)
})

test('each row of the page on dependency confusion has a test', async () => {
  const page = join(import.meta.dirname, '../../docs/explain/dependency-confusion.md')
  const told = (await readFile(page, 'utf8'))
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .slice(1)
    .map((line) => line.split(' | ')[0]!.slice(2).replaceAll('`', ''))
  assert.deepEqual(new Set(told), rows)
})

/** The comparison runs by itself, a moment after what it depends on has changed. */
async function until<T>(ask: () => Promise<T>, isMet: (value: T) => boolean): Promise<T> {
  for (;;) {
    const value = await ask()
    if (isMet(value)) return value
    await setImmediate()
  }
}
