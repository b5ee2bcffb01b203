import assert from 'node:assert/strict'
import { test } from 'node:test'
import { makeZip } from '../../test/support/wheel.ts'
import { firstFolder, mayBeText, membersAt, viewFolder } from './archive-folder.ts'
import { openArchive } from './archive-source.ts'
import { listZip } from './zip-listing.ts'

const listingOf = async (...names: string[]) =>
  listZip(
    await openArchive(makeZip(names.map((name) => ({ name, content: name.slice(-2) })))),
    () => false,
  )

test('a folder shows what is in it, and how much is below it', async () => {
  const listing = await listingOf('b.py', 'a/x.py', 'a/deep/y.py', 'ab/z.py', 'a.py', 'empty/')

  const top = viewFolder(listing, '')
  const inside = viewFolder(listing, 'a')

  assert.deepEqual(top?.folders, [
    { name: 'a', path: 'a', members: 2, size: 4 },
    { name: 'ab', path: 'ab', members: 1, size: 2 },
    { name: 'empty', path: 'empty', members: 0, size: 0 },
  ])
  assert.deepEqual(
    top.members.map(({ path }) => path),
    ['a.py', 'b.py'],
  )
  assert.deepEqual(inside?.folders, [{ name: 'deep', path: 'a/deep', members: 1, size: 2 }])
  assert.deepEqual(viewFolder(listing, 'empty'), { path: 'empty', folders: [], members: [] })
  assert.equal(viewFolder(listing, 'nothing'), undefined)
  assert.equal(viewFolder(listing, 'a.py'), undefined)
})

test('looking begins where there is something to choose', async () => {
  assert.equal(firstFolder(await listingOf('anchor-1.0/a.py', 'anchor-1.0/b/c.py')), 'anchor-1.0')
  assert.equal(firstFolder(await listingOf('a/x.py', 'b/y.py')), '')
  assert.equal(firstFolder(await listingOf('a/b/c/d/e.py')), 'a/b/c')
  assert.equal(firstFolder(await listingOf()), '')
})

test('a doubled path leads to all of its members', async () => {
  const listing = await listingOf('a.py', 'b.py', 'a.py')

  assert.deepEqual(
    membersAt(listing, 'a.py').map(({ at }) => at),
    [0, 2],
  )
})

test('what may be text is guessed by name', async () => {
  const { members } = await listingOf('a.py', 'LICENSE', 'b.so.1', 'c.PYC', 'd/')

  assert.deepEqual(members.map(mayBeText), [true, true, false, false, false])
})
