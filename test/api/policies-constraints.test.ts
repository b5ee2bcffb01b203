/** An index that offers what a lock file names, and nothing else. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  POLICED_STAGE as STAGE,
  startPolicedWorld,
  type PolicedWorld,
} from '../support/policies.ts'
import { makeSdist, makeWheel, type Distribution } from '../support/wheel.ts'

const locked = makeWheel('anchor', '1.0')
const sdist = makeSdist('anchor', '1.0')
const newer = makeWheel('anchor', '1.1')
const other = makeWheel('other', '1.0')

const start = (): Promise<PolicedWorld> =>
  startPolicedWorld({
    anchor: [{ built: locked }, { built: sdist }, { built: newer }],
    other: [{ built: other }],
  })

const registry = 'source = { registry = "https://example.org/simple" }'

function uvLock(name: string, version: string, { filename, sha256 }: Distribution): string {
  const wheel = `{ url = "https://example.org/${filename}", hash = "sha256:${sha256}" }`
  return `\n[[package]]\nname = "${name}"\nversion = "${version}"\n${registry}\nwheels = [${wheel}]\n`
}

const lock = `version = 1\n${uvLock('anchor', '1.0', locked)}`

test('a lock file that is set like any other option leaves its files and no others', async () => {
  await using world = await start()
  const edits = [`constraints=${lock}`]
  const reply = await world.api.patch(`/${STAGE}`, { as: 'ada', json: edits })
  assert.equal(reply.status, 200)
  assert.equal(reply.result.constraints, lock)
  assert.equal((await world.api.get(`/${STAGE}`)).result.constraints, lock)

  assert.deepEqual(await world.shown('anchor'), [locked.filename])
  assert.deepEqual(await world.shown('other'), [])
  const mirrored = await world.pathOf(newer.filename, 'anchor', 'ada/mirror')
  const refused = await world.api.get(mirrored.replace('ada/mirror', STAGE))
  assert.equal(refused.status, 403)
  assert.match(refused.text, /policy constraints of ada\/dev: constraints does not name 1\.1/)
})

test('a mistake in a lock file is refused with its line, and changes nothing', async () => {
  await using world = await start()
  await world.set({ constraints: lock })
  const json = { constraints: `${lock}\n[[package]]\nname = 7` }
  const reply = await world.api.patch(`/${STAGE}`, { as: 'ada', json })
  assert.equal(reply.status, 400)
  assert.match(reply.message ?? '', /'constraints' has a mistake in line \d+: /)
  assert.deepEqual(await world.shown('anchor'), [locked.filename])
})

test('a lock file of two million characters is an option too, also when another one is changed', async () => {
  await using world = await start()
  const filler = Array.from({ length: 9000 }, (_, number) =>
    uvLock(`filler-${number}`, '1.0', locked),
  ).join('')
  const long = lock + filler
  assert.ok(long.length > 2_000_000)
  const json = [`constraints=${long}`]
  assert.equal((await world.api.patch(`/${STAGE}`, { as: 'ada', json })).status, 200)
  await world.set({ title: 'Locked' })
  assert.deepEqual(await world.shown('anchor'), [locked.filename])
  await world.set({ constraints: lock.replace(locked.sha256, sdist.sha256) })
  assert.deepEqual(await world.shown('anchor'), [sdist.filename], 'nothing old is remembered')
  await world.api.patch(`/${STAGE}`, { as: 'ada', json: ['constraints-='] })
  assert.equal((await world.shown('anchor')).length, 3)
  const tooLong = { constraints: 'x'.repeat(4 * 1024 * 1024 + 1) }
  const refused = await world.api.patch(`/${STAGE}`, { as: 'ada', json: tooLong })
  assert.match(refused.message ?? '', /must be a text of at most 4194304 characters/)
})
