import assert from 'node:assert/strict'
import { readdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { makeTempFolder } from '../../test/support/temp.ts'
import { makeFolder } from './make-folder.ts'

test('a folder is made with those above it, and making it again is no error', async () => {
  await using temp = await makeTempFolder()
  const path = join(temp.path, 'a', 'b', 'c')

  await Promise.all([makeFolder(path), makeFolder(path)])
  await makeFolder(path)

  assert.ok((await stat(path)).isDirectory())
})

test('a file in the way is an error', async () => {
  await using temp = await makeTempFolder()
  await writeFile(join(temp.path, 'file'), '')

  await assert.rejects(makeFolder(join(temp.path, 'file')), { code: 'EEXIST' })
  await assert.rejects(makeFolder(join(temp.path, 'file', 'below')), { code: 'ENOTDIR' })
  assert.deepEqual(await readdir(temp.path), ['file'])
})

test(
  'a file system that makes no folders is an error, not an endless wait',
  { skip: process.platform !== 'linux' && 'only Linux has such a file system at a known place' },
  async () => {
    await assert.rejects(makeFolder('/proc/wheelyard/data'))
  },
)
