import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createLog } from '#base/log'
import type { Ledger } from '#ledger/ledger'
import { openLedger } from '#ledger/open-ledger'
import { IndexGraph } from '#registry/index-graph'
import { createOptions } from '#registry/index-options'
import type { IndexName } from '#registry/indexes'
import { keys } from '#registry/keys'
import { makeTempFolder } from '../../test/support/temp.ts'
import { Drawings } from './drawings.ts'

interface Rig extends AsyncDisposable {
  readonly ledger: Ledger
  readonly drawings: Drawings
  set(indexes: Readonly<Record<IndexName, readonly IndexName[]>>): Promise<void>
}

async function openRig(): Promise<Rig> {
  const folder = await makeTempFolder('drawings')
  const ledger = await openLedger(folder.path)
  const graph = new IndexGraph(ledger)
  const drawings = new Drawings(graph, createLog({ level: 'silent' }))
  return {
    ledger,
    drawings,
    set: (indexes) =>
      ledger.write('test', async (tx) => {
        for (const [name, bases] of Object.entries(indexes)) {
          tx.set(keys.index(name), createOptions('ada', { bases }))
        }
      }),
    async [Symbol.asyncDispose]() {
      await drawings.close()
      graph.close()
      await ledger.close()
      await folder.remove()
    },
  }
}

const dev = { viewed: 'ada/dev', around: 2 }
const chain = (length: number): Record<string, string[]> =>
  Object.fromEntries(Array.from({ length }, (_, i) => [`ada/i${i}`, [`ada/i${i + 1}`]]))

test('a drawing stays the same object until something in it changes', async () => {
  await using rig = await openRig()
  await rig.set({ 'ada/dev': ['ada/prod'], 'ada/prod': [] })

  const first = await rig.drawings.find(dev)
  await rig.set({ 'bob/other': ['ada/gone'] })
  const same = await rig.drawings.find(dev)
  await rig.set({ 'bob/heir': ['ada/dev'] })
  const other = await rig.drawings.find(dev)

  assert.ok(first)
  assert.equal(same, first)
  assert.notEqual(other, first)
  assert.deepEqual(
    other?.graph.nodes.map(({ name }) => name),
    ['ada/dev', 'ada/prod', 'bob/heir'],
  )
})

test('a large one is placed as a small one is', async () => {
  await using rig = await openRig()
  await rig.set(chain(100))

  const drawing = await rig.drawings.find({ viewed: 'ada/i0', around: Infinity })
  const all = await rig.drawings.find({ viewed: undefined, around: Infinity })

  assert.equal(drawing?.graph.nodes.length, 101)
  assert.equal(drawing.placement.boxes.length, 101)
  assert.equal(drawing.placement.arrows.length, 100)
  assert.equal(all?.placement.boxes.length, 101)
})

test('at most 24 are drawn near an index, and 150 altogether', async () => {
  await using rig = await openRig()
  const heirs = Array.from({ length: 300 }, (_, i) => [`ada/h${i}`, ['ada/dev']] as const)
  await rig.set({ 'ada/dev': [], ...Object.fromEntries(heirs) })

  const near = await rig.drawings.find(dev)
  const far = await rig.drawings.find({ ...dev, around: Infinity })

  assert.equal(near?.graph.nodes.length, 24)
  assert.equal(near.graph.leftOut, 277)
  assert.equal(far?.graph.nodes.length, 150)
})

test('what somebody may not read is not drawn for them', async () => {
  await using rig = await openRig()
  await rig.set({ 'ada/dev': ['ada/secret'], 'ada/secret': [] })
  const mayRead = (name: IndexName): boolean => name !== 'ada/secret'

  const drawing = await rig.drawings.find({ ...dev, mayRead })
  const secret = await rig.drawings.find({ viewed: 'ada/secret', around: 2, mayRead })

  assert.equal(drawing?.graph.nodes.length, 1)
  assert.equal(secret, undefined)
})

test('after a change all who ask get the same new drawing', async () => {
  await using rig = await openRig()
  await rig.set(chain(30))
  const whole = { viewed: 'ada/i0', around: Infinity }
  await rig.drawings.find(whole)

  await rig.set({ 'ada/i3': [] })
  const [first, second] = await Promise.all([
    rig.drawings.find(whole),
    rig.drawings.find({ ...whole }),
  ])

  assert.equal(first?.graph.nodes.length, 4)
  assert.equal(first, second)
})

test('who asks while drawings are prepared gets the one that is being made', async () => {
  await using rig = await openRig()
  const heirs = Array.from({ length: 40 }, (_, i) => [`ada/h${i}`, ['ada/dev']] as const)
  await rig.set({ 'ada/dev': [], ...Object.fromEntries(heirs) })

  rig.drawings.prepare()
  const drawing = await rig.drawings.find(dev)

  assert.equal(drawing?.placement.boxes.length, 24)
})
