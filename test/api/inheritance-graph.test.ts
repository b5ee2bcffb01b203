/** `+inheritance` tells who inherits from whom. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startApi, type Api } from '../support/api.ts'

async function startWithIndexes(): Promise<Api> {
  const api = await startApi()
  await api.makeIndex('root/gone', { volatile: true })
  await api.makeIndex('ada/prod', { bases: ['root/gone'] })
  await api.makeIndex('ada/dev', { bases: ['ada/prod'], volatile: true })
  await api.makeIndex('ada/ci', { bases: ['ada/dev'] })
  await api.del('/root/gone', { as: 'root' })
  return api
}

test('an index is told with its bases and heirs, and what is missing', async () => {
  await using api = await startWithIndexes()

  const { status, json } = await api.get('/ada/dev/+inheritance')

  assert.equal(status, 200)
  assert.deepEqual(json, {
    result: {
      viewed: 'ada/dev',
      around: 2,
      nodes: [
        { name: 'ada/dev', kind: 'stage', distance: 0, more_bases: 0, more_heirs: 0 },
        { name: 'ada/prod', kind: 'stage', distance: 1, more_bases: 0, more_heirs: 0 },
        { name: 'root/gone', kind: 'missing', distance: 2, more_bases: 0, more_heirs: 0 },
        { name: 'ada/ci', kind: 'stage', distance: -1, more_bases: 0, more_heirs: 0 },
      ],
      edges: [
        { index: 'ada/dev', base: 'ada/prod', order: 1 },
        { index: 'ada/prod', base: 'root/gone', order: 1 },
        { index: 'ada/ci', base: 'ada/dev', order: 1 },
      ],
      missing: ['root/gone'],
      cycles: [],
      left_out: 0,
      edges_left_out: 0,
    },
    type: 'inheritance',
  })
})

test('every change of an index is in the next answer', async () => {
  await using api = await startWithIndexes()
  await api.get('/ada/prod/+inheritance')

  await api.patch('/ada/prod', { as: 'ada', json: { bases: ['ada/dev'] } })
  const { result } = await api.get('/ada/prod/+inheritance')
  assert.deepEqual(result.cycles, [['ada/dev', 'ada/prod']])
  assert.deepEqual(result.missing, [])

  await api.del('/ada/dev', { as: 'ada' })
  const after = await api.get('/ada/prod/+inheritance')
  assert.deepEqual(after.result.missing, ['ada/dev'])
})

test('steps are chosen by the query', async () => {
  await using api = await startWithIndexes()

  const near = await api.get('/ada/ci/+inheritance?around=1')
  const all = await api.get('/ada/ci/+inheritance/?around=all')
  const wrong = await api.get('/ada/ci/+inheritance?around=-1')

  assert.equal(near.result.left_out, 2)
  assert.equal(near.result.nodes.length, 2)
  assert.equal(all.result.nodes.length, 4)
  assert.equal(wrong.status, 400)
  assert.match(wrong.message ?? '', /'around' must be a number of steps up to 999, or 'all'/)
})

test('all indexes together are at the root', async () => {
  await using api = await startWithIndexes()

  const { result } = await api.get('/+inheritance')

  assert.deepEqual(
    result.nodes.map(({ name }: { name: string }) => name),
    ['ada/ci', 'ada/dev', 'ada/prod', 'root/gone'],
  )
  assert.equal(result.edges.length, 3)
  assert.equal('viewed' in result, false)
})

test('an index that is missing has none', async () => {
  await using api = await startApi()

  const { status, message } = await api.get('/ada/dev/+inheritance')

  assert.equal(status, 404)
  assert.match(message ?? '', /ada\/dev could not be found/)
})
