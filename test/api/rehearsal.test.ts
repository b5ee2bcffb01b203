/** Rehearsal: what a policy would refuse, and to whom, before it is enforced. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RehearsalLog, rehearsalLimits } from '#api/rehearsal-log'
import { runCommand } from '../support/command.ts'
import { PASSWORD } from '../support/devpi-api.ts'
import {
  BEGINNING,
  DAY_MS,
  POLICED_STAGE as STAGE,
  startPolicedWorld,
  type PolicedWorld,
} from '../support/policies.ts'
import { makeTempFolder } from '../support/temp.ts'
import { makeWheel } from '../support/wheel.ts'

const old = makeWheel('anchor', '1.0')
const young = makeWheel('anchor', '1.1')
const at = (days: number): Record<string, unknown> => ({
  'upload-time': new Date(BEGINNING - days * DAY_MS).toISOString(),
})
const anchor = {
  anchor: [
    { built: old, facts: at(30) },
    { built: young, facts: at(2) },
  ],
}

async function start(): Promise<PolicedWorld> {
  const world = await startPolicedWorld(anchor)
  await world.set({ cooldown: '7d', policy_mode: 'observe' })
  return world
}

async function install(world: PolicedWorld, filename: string, options = {}): Promise<void> {
  const path = await world.pathOf(filename, 'anchor', STAGE)
  assert.ok(path.startsWith(`/${STAGE}/+f/`), path)
  const reply = await world.api.get(path, { accept: '*/*', ...options })
  assert.equal(reply.status, 200)
}

const pip = { 'user-agent': 'pip/26.1 {"ci":null}' }

test('a file that a rehearsed policy would refuse is served, and counted with who asked for it', async () => {
  await using world = await start()
  await world.api.makeUser('bob')
  await install(world, young.filename, { as: 'bob', headers: pip })
  world.pass(1000)
  await install(world, young.filename, { as: 'bob', headers: pip })
  await install(world, old.filename, { as: 'bob', headers: pip })

  const { json } = await world.api.get(`/${STAGE}/+rehearsal`, { as: 'ada' })

  assert.deepEqual(json, {
    type: 'rehearsal',
    result: {
      index: STAGE,
      hits: [
        {
          policy: 'cooldown',
          reason: 'it is younger than 7d',
          through: STAGE,
          project: 'anchor',
          filename: young.filename,
          who: 'bob',
          agent: 'pip',
          count: 2,
          first: '2026-06-01T00:00:00.000Z',
          last: '2026-06-01T00:00:01.000Z',
        },
      ],
    },
  })
})

test('the command lists who would have been refused', async () => {
  await using world = await start()
  await install(world, young.filename, { headers: pip })
  const address = world.api.app.url.replace('://', `://ada:${PASSWORD}@`)
  const cwd = world.api.folder.path

  const ran = await runCommand(['rehearsal', `${address}${STAGE}`, 'anchor'], { cwd })
  assert.equal(ran.code, 0, ran.output)
  assert.match(
    ran.stdout,
    /^2026-06-01 00:00 {2}once {2}\S+ \(pip\) {2}anchor-1.1-py3-none-any.whl {2}cooldown: it is younger/,
  )
  const none = await runCommand(['rehearsal', `${address}${STAGE}`, 'other'], { cwd })
  assert.equal(none.stdout, 'Nobody would have been refused anything.\n')
  const stranger = await runCommand(['rehearsal', `${world.api.app.url}${STAGE}`], { cwd })
  assert.equal(stranger.code, 1)
  assert.match(stranger.output, /forbidden|not allowed|may not/i)
})

test('who is not known here is told by the address, and each program apart', async () => {
  await using world = await start()
  await install(world, young.filename, { headers: { 'user-agent': 'uv/0.9.1' } })
  await install(world, young.filename, { headers: { 'user-agent': '<script>' } })
  const { result } = await world.api.get(`/${STAGE}/+rehearsal`, { as: 'ada' })
  const agents = result.hits.map(({ agent }: { agent: string }) => agent)
  assert.deepEqual(agents.sort(), ['unknown', 'uv'])
  for (const { who } of result.hits) assert.match(who, /^(?:[0-9a-f.:]+|unknown)$/)
})

test('what is asked through an index that inherits the policy counts where the policy is set', async () => {
  await using world = await start()
  await world.api.makeIndex('ada/team', { bases: [STAGE] })
  const path = await world.pathOf(young.filename, 'anchor', 'ada/team')
  assert.equal((await world.api.get(path, { accept: '*/*' })).status, 200)
  const { result } = await world.api.get(`/${STAGE}/+rehearsal?project=Anchor`, { as: 'ada' })
  assert.deepEqual([result.hits.length, result.hits[0]?.through], [1, 'ada/team'])
  const none = await world.api.get(`/${STAGE}/+rehearsal?project=other`, { as: 'ada' })
  assert.deepEqual(none.result.hits, [])
})

test('looks at a page, at metadata and at facts are no installs', async () => {
  await using world = await start()
  const path = await world.pathOf(young.filename, 'anchor')
  await world.api.get(path)
  await world.api.ask('HEAD', path, { accept: '*/*' })
  await world.api.get(`${path}.metadata`, { accept: '*/*' })
  const { result } = await world.api.get(`/${STAGE}/+rehearsal`, { as: 'ada' })
  assert.deepEqual(result.hits, [])
})

test('only who may change the index sees who asks, and an index that is gone leaves nothing', async () => {
  await using world = await start()
  await world.api.makeUser('bob')
  assert.equal((await world.api.get(`/${STAGE}/+rehearsal`)).status, 403)
  assert.equal((await world.api.get(`/${STAGE}/+rehearsal`, { as: 'bob' })).status, 403)
  assert.equal((await world.api.get('/ada/nothing/+rehearsal', { as: 'ada' })).status, 404)

  await install(world, young.filename)
  await world.set({ volatile: true })
  assert.equal((await world.api.del(`/${STAGE}`, { as: 'ada' })).status, 201)
  await world.api.makeIndex(STAGE)
  const { result } = await world.api.get(`/${STAGE}/+rehearsal`, { as: 'ada' })
  assert.deepEqual(result.hits, [])
})

test('the record outlives a restart, and takes so much room and no more', async () => {
  await using folder = await makeTempFolder()
  const file = folder.join('local/rehearsal.sqlite')
  const hit = { policy: 'p', reason: 'r', project: 'x', filename: 'x.whl', who: 'w' }
  const { perIndex } = rehearsalLimits
  const log = RehearsalLog.open(file)
  log.record({ ...hit, index: 'a/b', through: 'a/b', agent: 'first' }, 0)
  for (let number = 0; number < perIndex + 10; number++) {
    log.record({ ...hit, index: 'a/c', through: 'a/c', agent: `n${number}` }, number)
  }
  log.close()
  const again = RehearsalLog.open(file)
  assert.equal(again.list('a/b').length, 1, 'others are not pushed out')
  const left = again.list('a/c')
  assert.ok(left.length <= perIndex && left.length > perIndex / 2, String(left.length))
  assert.equal(left[0]?.agent, `n${perIndex + 9}`, 'the oldest went')
  again.close()
})

test('a record that cannot be read is begun anew', async () => {
  await using folder = await makeTempFolder()
  const file = await folder.write('rehearsal.sqlite', 'no database'.repeat(100))
  const log = RehearsalLog.open(file)
  assert.deepEqual(log.list('a/b'), [])
  log.close()
})
