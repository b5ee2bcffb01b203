import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Ledger } from '#ledger/ledger'
import { openLedger } from '#ledger/open-ledger'
import { makeTempFolder } from '../../test/support/temp.ts'
import { IndexGraph } from './index-graph.ts'
import { createOptions } from './index-options.ts'
import type { IndexName } from './indexes.ts'
import { keys } from './keys.ts'

interface Rig extends AsyncDisposable {
  readonly ledger: Ledger
  readonly graph: IndexGraph
  set(name: IndexName, bases: readonly IndexName[] | undefined): Promise<void>
}

async function openRig(): Promise<Rig> {
  const folder = await makeTempFolder('index-graph')
  const ledger = await openLedger(folder.path)
  const graph = new IndexGraph(ledger)
  return {
    ledger,
    graph,
    set: (name, bases) =>
      ledger.write('test', async (tx) => {
        if (bases) tx.set(keys.index(name), createOptions('ada', { bases }))
        else tx.remove(keys.index(name))
      }),
    async [Symbol.asyncDispose]() {
      graph.close()
      await ledger.close()
      await folder.remove()
    },
  }
}

test('the graph is true after every commit: made, changed and removed indexes', async () => {
  await using rig = await openRig()
  await rig.set('ada/prod', [])
  await rig.set('ada/dev', ['ada/prod', 'root/gone'])

  const first = await rig.graph.current()
  assert.deepEqual(first.indexes.get('ada/dev')?.bases, ['ada/prod', 'root/gone'])
  assert.deepEqual(first.heirsOf('root/gone'), ['ada/dev'])

  await rig.set('ada/dev', ['ada/prod'])
  await rig.set('ada/ci', ['ada/prod'])
  const second = await rig.graph.current()
  assert.deepEqual(second.heirsOf('root/gone'), [])
  assert.deepEqual(second.heirsOf('ada/prod'), ['ada/ci', 'ada/dev'])

  await rig.set('ada/dev', undefined)
  const third = await rig.graph.current()
  assert.equal(third.indexes.has('ada/dev'), false)
  assert.deepEqual(third.heirsOf('ada/prod'), ['ada/ci'])
})

test('it follows by itself, and tells who follows it', async () => {
  await using rig = await openRig()
  await rig.set('ada/prod', [])
  await rig.graph.current()
  const heard = Promise.withResolvers<void>()
  rig.graph.follow(heard.resolve)

  await rig.set('ada/dev', ['ada/prod'])
  await heard.promise

  assert.deepEqual(rig.graph.heirsOf('ada/prod'), ['ada/dev'])
})

test('a base that is named twice is one', async () => {
  await using rig = await openRig()
  await rig.set('ada/dev', ['ada/prod', 'root/pypi', 'ada/prod'])

  const graph = await rig.graph.current()

  assert.deepEqual(graph.indexes.get('ada/dev')?.bases, ['ada/prod', 'root/pypi'])
})
