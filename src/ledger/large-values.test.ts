/** Large values are decoded once, and no state is taken for another. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { makeTempFolder } from '../../test/support/temp.ts'
import { key } from './key.ts'
import { openLedger } from './open-ledger.ts'

interface Document {
  readonly text: string
}

const document = key<Document>('document')
const large = (letter: string): Document => ({ text: letter.repeat(100_000) })

test('a large value is the same object each time it is read', async () => {
  await using folder = await makeTempFolder()
  const ledger = await openLedger(folder.path)
  await ledger.write('root', async (tx) => tx.set(document, large('a')))
  const read = () => ledger.read((tx) => tx.get(document))
  const first = await read()
  assert.deepEqual(first, large('a'))
  assert.equal(await read(), first)
  assert.throws(() => Object.assign(first!, { text: '' }), TypeError, 'nobody can change it')
  await ledger.close()
})

test('each serial has its own value, however often another one was read', async () => {
  await using folder = await makeTempFolder()
  const ledger = await openLedger(folder.path)
  const other = await openLedger(folder.path) // as another process has it
  await ledger.write('root', async (tx) => tx.set(document, large('a')))
  const { serial } = ledger
  const read = async (): Promise<string | undefined> => {
    await ledger.catchUp()
    return (await ledger.read((tx) => tx.get(document)))?.text[0]
  }
  assert.equal(await read(), 'a')
  await other.write('root', async (tx) => tx.set(document, large('b')))
  assert.equal(await read(), 'b')
  assert.equal((await ledger.readAt(serial, (tx) => tx.get(document)))?.text[0], 'a')
  assert.equal(await read(), 'b')
  await other.write('root', async (tx) => tx.remove(document))
  assert.equal(await read(), undefined)
  assert.equal((await ledger.readAt(serial, (tx) => tx.get(document)))?.text[0], 'a')
  await other.write('root', async (tx) => tx.set(document, { text: 'c' }))
  assert.equal(await read(), 'c')
  await other.close()
  await ledger.close()
})

test('what a write that failed had set is not remembered', async () => {
  await using folder = await makeTempFolder()
  const ledger = await openLedger(folder.path)
  await ledger.write('root', async (tx) => tx.set(document, large('a')))
  const failed = ledger.write('root', async (tx) => {
    tx.set(document, large('b'))
    assert.equal((await tx.get(document))?.text[0], 'b')
    throw new Error('no')
  })
  await assert.rejects(failed, /no/)
  await ledger.write('root', async (tx) => {
    assert.equal((await tx.get(document))?.text[0], 'a')
    tx.set(document, large('c'))
  })
  assert.equal((await ledger.read((tx) => tx.get(document)))?.text[0], 'c')
  await ledger.close()
})
