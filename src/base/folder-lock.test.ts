import assert from 'node:assert/strict'
import { test } from 'node:test'
import { lockFolder, shareFolder } from './folder-lock.ts'
import { makeTempFolder } from '../../test/support/temp.ts'

test('servers share a folder, and nobody is alone with it while one of them runs', async () => {
  await using folder = await makeTempFolder('lock')
  const [one, other] = [shareFolder(folder.path), shareFolder(folder.path)]

  assert.ok(one && other)
  assert.equal(lockFolder(folder.path), undefined)
  one.release()
  assert.equal(lockFolder(folder.path), undefined)
  other.release()
  const alone = lockFolder(folder.path)
  assert.ok(alone)
  assert.equal(shareFolder(folder.path), undefined)
  assert.equal(lockFolder(folder.path), undefined)
  alone.release()
  alone.release()
  shareFolder(folder.path)?.release()
})
