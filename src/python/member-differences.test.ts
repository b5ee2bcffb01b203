import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { test } from 'node:test'
import { makeSdist, makeWheel } from '../../test/support/wheel.ts'
import { openArchive } from './archive-source.ts'
import { compareMembers, type MemberDifferences } from './member-differences.ts'
import { listTar } from './tar-listing.ts'
import { listZip } from './zip-listing.ts'

const never = () => false

async function wheelMembers(...args: Parameters<typeof makeWheel>) {
  const { members } = await listZip(await openArchive(makeWheel(...args).bytes), never)
  return members
}

async function sdistMembers(...args: Parameters<typeof makeSdist>) {
  const stream = Readable.from([makeSdist(...args).bytes])
  return (await listTar({ stream, isGzipped: true }, never)).members
}

const outline = ({ added, removed, changed, same }: MemberDifferences) => ({
  added: added.map(({ path }) => path),
  removed: removed.map(({ path }) => path),
  changed: changed.map(({ path }) => path),
  same,
})

test('two wheels: what came, went and changed, whatever version is in the names of folders', async () => {
  const before = await wheelMembers('anchor', '1.0', {
    content: 'same\n',
    extraFiles: { 'anchor-1.0.data/scripts/run': 'x', 'old.py': '' },
  })
  const after = await wheelMembers('anchor', '1.1', {
    content: 'same\n',
    extraFiles: { 'anchor-1.1.data/scripts/run': 'y', 'new.py': '' },
  })

  assert.deepEqual(outline(compareMembers(before, after)), {
    added: ['new.py'],
    removed: ['old.py'],
    changed: ['anchor.data/scripts/run', 'anchor.dist-info/METADATA', 'anchor.dist-info/RECORD'],
    same: 2,
  })
})

test('two source distributions: their top folders are taken for the same', async () => {
  const before = await sdistMembers('anchor', '1.0', { content: 'same\n' })
  const after = await sdistMembers('anchor', '2.0', { content: 'same\n' })

  assert.deepEqual(outline(compareMembers(before, after)), {
    added: [],
    removed: [],
    changed: ['PKG-INFO', 'built.b64'],
    same: 3,
  })
})

test('an empty archive lacks all that the other one has', async () => {
  const members = await wheelMembers('anchor', '1.0')

  assert.equal(compareMembers([], members).added.length, 4)
  assert.equal(compareMembers(members, []).removed.length, 4)
})
