import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { key, keyRange } from '#ledger/key'
import type { Ledger } from '#ledger/ledger'
import { openLedger } from '#ledger/open-ledger'
import type { ReadTransaction } from '#ledger/transaction'
import { makeTempFolder } from '../../test/support/temp.ts'
import { PageCache } from './page-cache.ts'

const MIB = 1024 * 1024
const nothing = {}

interface Rig extends AsyncDisposable {
  readonly ledger: Ledger
  readonly pages: PageCache
  set(path: string, value: string | undefined): Promise<void>
}

async function openRig(maxBytes = MIB): Promise<Rig> {
  const folder = await makeTempFolder('pages')
  const ledger = await openLedger(folder.path)
  const pages = new PageCache(ledger, maxBytes)
  return {
    ledger,
    pages,
    set: (path, value) =>
      ledger.write('test', async (tx) => {
        const one = key<string>(...path.split('/'))
        if (value === undefined) tx.remove(one)
        else tx.set(one, value)
      }),
    async [Symbol.asyncDispose]() {
      pages.close()
      await ledger.close()
      await folder.remove()
    },
  }
}

/** A page of one key and of one range. */
async function renderPage(tx: ReadTransaction) {
  const one = await tx.get(key<string>('one', 'x'))
  const many = await tx.list(keyRange<string>('many', 'y'))
  return {
    text: `${one} ${many.map(({ name, value }) => `${name}=${value}`).join(',')}`,
    extra: nothing,
  }
}

const build = ({ pages }: Rig) => pages.build('page', renderPage)

test('a page is kept until something that it was built from changes', async () => {
  await using rig = await openRig()
  const { pages } = rig
  await rig.set('one/x', '1')

  const built = await build(rig)
  const kept = pages.find('page')
  await rig.set('one/other', '1')
  await rig.set('many/z/a', '1')
  const stillKept = pages.find('page')
  await rig.set('one/x', '2')

  assert.equal(kept, built)
  assert.equal(stillKept, built)
  assert.equal(pages.find('page'), undefined)
})

for (const [what, path, value] of [
  ['a key that comes into a range', 'many/y/b', '1'],
  ['one that goes', 'many/y/a', undefined],
  ['one that changes, further down', 'many/y/c/d', '2'],
  ['a key that was not there', 'one/x', '1'],
] as const) {
  test(`${what} drops the page`, async () => {
    await using rig = await openRig()
    await rig.set('many/y/a', '1')
    await rig.set('many/y/c/d', '1')
    await build(rig)

    await rig.set(path, value)

    assert.equal(rig.pages.find('page'), undefined)
  })
}

test('many who ask at once wait for one building', async () => {
  await using rig = await openRig()
  let count = 0
  const render = async (tx: ReadTransaction) => {
    count++
    return renderPage(tx)
  }

  const built = await Promise.all(Array.from({ length: 10 }, () => rig.pages.build('page', render)))

  assert.equal(count, 1)
  assert.equal(new Set(built).size, 1)
})

test('a page that became untrue while it was built is not kept', async () => {
  await using rig = await openRig()
  await rig.set('one/x', '1')

  const built = await rig.pages.build('page', async (tx) => {
    const page = await renderPage(tx)
    await rig.set('one/x', '2')
    return page
  })

  assert.equal(built.body.toString(), '1 ')
  assert.equal(rig.pages.find('page'), undefined)
  assert.equal((await build(rig)).body.toString(), '2 ')
})

test('a change elsewhere, meanwhile, does no harm to a page', async () => {
  await using rig = await openRig()

  const built = await rig.pages.build('page', async (tx) => {
    await rig.set('one/other', '2')
    return renderPage(tx)
  })

  assert.equal(rig.pages.find('page'), built)
})

test('when too much has changed meanwhile to know, a page is not kept', async () => {
  await using rig = await openRig()

  await rig.pages.build('page', async (tx) => {
    for (let i = 0; i < 300; i++) await rig.set('one/other', String(i))
    return renderPage(tx)
  })

  assert.equal(rig.pages.find('page'), undefined)
})

test('a change by another process is seen', async () => {
  await using folder = await makeTempFolder('pages')
  const [here, there] = [await openLedger(folder.path), await openLedger(folder.path)]
  const pages = new PageCache(here, MIB)
  await pages.build('page', renderPage)

  await there.write('test', async (tx) => tx.set(key<string>('one', 'x'), '1'))
  await here.catchUp()

  assert.equal(pages.find('page'), undefined)
  await Promise.all([here.close(), there.close()])
})

test('pages take no more memory than they may: those not asked for go first', async () => {
  await using rig = await openRig(MIB)
  const text = 'x'.repeat(100_000)
  const add = (i: number) =>
    rig.pages.build(`page ${i}`, async (tx) => {
      await tx.get(key<string>('one', String(i)))
      return { text, extra: nothing }
    })

  for (let i = 0; i < 50; i++) {
    await add(i)
    rig.pages.find('page 0')
  }

  assert.ok(rig.pages.size <= MIB, String(rig.pages.size))
  assert.ok(rig.pages.find('page 0'))
  assert.equal(rig.pages.find('page 1'), undefined)
  assert.ok(rig.pages.find('page 49'))
})

test('compressed forms count, too', async () => {
  await using rig = await openRig(300_000)
  const text = randomBytes(70_000).toString('hex')
  const page = await rig.pages.build('page', async () => ({ text, extra: nothing }))
  const before = rig.pages.size

  await page.form('gzip')
  const after = rig.pages.size
  await Promise.all([page.form('br'), page.form('zstd')])

  assert.ok(before > 140_000 && after > before + 70_000, `${before} ${after}`)
  assert.equal(rig.pages.size, 0)
  assert.equal(rig.pages.find('page'), undefined)
})

test('a page larger than all the room is served, and not kept', async () => {
  await using rig = await openRig(1000)

  const page = await rig.pages.build('page', async () => ({
    text: 'x'.repeat(5000),
    extra: nothing,
  }))

  assert.equal(page.body.length, 5000)
  assert.equal(rig.pages.find('page'), undefined)
})

test('a page that grew is still dropped by a change', async () => {
  await using rig = await openRig()
  const page = await build(rig)
  await page.form('gzip')
  assert.equal(rig.pages.find('page'), page)

  await rig.set('one/x', '1')

  assert.equal(rig.pages.find('page'), undefined)
})

test('a building that fails is told to all who wait, and tried again by the next', async () => {
  await using rig = await openRig()
  const fail = () => rig.pages.build('page', () => Promise.reject(new Error('no')))

  const results = await Promise.allSettled([fail(), fail()])

  assert.deepEqual(
    results.map(({ status }) => status),
    ['rejected', 'rejected'],
  )
  assert.equal((await build(rig)).body.toString(), 'undefined ')
})

test('a form is made once, and is then there at once', async () => {
  await using rig = await openRig()
  const page = await rig.pages.build('page', async () => ({
    text: 'x'.repeat(5000),
    extra: nothing,
  }))

  const [first, second] = [page.form('gzip'), page.form('gzip')]
  const bytes = await first

  assert.equal(first, second)
  assert.equal(page.form('gzip'), bytes)
  assert.equal(page.form('identity'), page.body)
})
