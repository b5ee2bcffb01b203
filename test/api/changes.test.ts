/** Recent changes for programs: who changed what and when, of what the asker may read, and no values. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startApi, type Api, type AskOptions } from '../support/api.ts'
import { INDEX, sendFile } from '../support/upload.ts'
import { makeWheel } from '../support/wheel.ts'

interface Told {
  readonly serial: number
  readonly at: string
  readonly who: string
  readonly what: readonly Record<string, string>[]
  readonly more: number
}

const upload = (api: Api, version: string, index = INDEX) =>
  sendFile(api, index, makeWheel('anchor', version), { name: 'anchor', version })

async function changesOf(api: Api, path: string, options: AskOptions = {}): Promise<Told[]> {
  const { status, json } = await api.get(path, options)
  assert.equal(status, 200, JSON.stringify(json))
  assert.equal(json.type, 'changes')
  return json.result.changes as Told[]
}

test('the newest change comes first, with who made it, when, and what came of it', async () => {
  await using api = await startApi({ indexes: ['ada/dev'] })
  await upload(api, '1.0')
  await api.patch('/ada/dev', { as: 'ada', json: ['volatile=true'] })
  const at = (await api.ledger.change(api.serial))?.at ?? 0

  const [second, first] = await changesOf(api, '/+changes')

  assert.deepEqual(second, {
    ...{ serial: api.serial, at: new Date(at).toISOString(), who: 'ada', more: 0 },
    what: [{ kind: 'index', index: 'ada/dev', action: 'changed' }],
  })
  assert.deepEqual(first?.what, [
    {
      ...{ kind: 'file', index: 'ada/dev', project: 'anchor' },
      ...{ filename: 'anchor-1.0-py3-none-any.whl', action: 'added' },
    },
    { kind: 'project', index: 'ada/dev', project: 'anchor', action: 'added' },
    { kind: 'release', index: 'ada/dev', project: 'anchor', version: '1.0', action: 'added' },
  ])
})

test('an index tells its own changes alone, page by page', async () => {
  await using api = await startApi({ indexes: ['ada/base', 'ada/dev'] })
  for (let number = 0; number < 55; number++) await upload(api, `1.${number}`, 'ada/base')
  await api.patch('/ada/dev', { as: 'ada', json: ['volatile=true'] })

  const first = (await api.get('/ada/base/+changes')).result
  const second = (await api.get(`/ada/base/+changes?before=${first.before}`)).result

  assert.equal(first.changes.length, 50)
  const serials = [...first.changes, ...second.changes].map(({ serial }: Told) => serial)
  assert.equal(new Set(serials).size, 56) // the uploads, and the index itself
  assert.deepEqual(
    serials,
    serials.toSorted((a, b) => b - a),
  )
  assert.deepEqual((second.changes.at(-1) as Told).what, [
    { kind: 'index', index: 'ada/base', action: 'added' },
  ])
  assert.equal((await changesOf(api, '/ada/dev/+changes')).length, 2)
  assert.equal((await api.get('/ada/nothing/+changes')).status, 404)
})

test('nobody hears of an index that they may not read, nor of what one held that is gone', async () => {
  await using api = await startApi({ indexes: ['ada/dev', 'ada/secret', 'bob/dev'] })
  await api.patch('/ada/secret', { as: 'ada', json: ['acl_read=ada', 'volatile=true'] })
  await upload(api, '1.0', 'ada/secret')
  const seen = async (as?: string) =>
    JSON.stringify(await changesOf(api, '/+changes', as === undefined ? {} : { as }))

  assert.match(await seen('ada'), /secret/)
  for (const as of [undefined, 'bob']) assert.doesNotMatch(await seen(as), /secret|anchor/)
  assert.equal((await api.get('/ada/secret/+changes', { as: 'bob' })).status, 404)

  await api.del('/ada/secret', { as: 'ada' })
  for (const as of [undefined, 'bob']) assert.doesNotMatch(await seen(as), /secret|anchor/)

  await api.makeIndex('ada/secret')
  const again = await seen('bob')
  assert.match(again, /secret/)
  assert.doesNotMatch(again, /anchor/)
  assert.match(await seen('ada'), /anchor/)
})

test('neither passwords nor any other values are told', async () => {
  await using api = await startApi({ indexes: ['ada/dev'] })
  await api.patch('/ada', {
    as: 'ada',
    json: { password: 'correct horse', email: 'ada@home.example' },
  })

  for (const as of [undefined, 'ada', 'root']) {
    const { text } = await api.get('/+changes', as === undefined ? {} : { as })
    assert.match(text, /"kind": ?"user"/)
    assert.doesNotMatch(text, /argon2|horse|home\.example|pwhash/)
  }
})
