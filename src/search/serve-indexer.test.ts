import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { test } from 'node:test'
import { makeTempFolder } from '../../test/support/temp.ts'
import type { IndexerNews } from './indexer-messages.ts'

test('a server that is gone without a word ends the process, which has nothing to complain of', async () => {
  await using folder = await makeTempFolder('indexer')
  const program = fileURLToPath(import.meta.resolve('#app-search-process'))
  const child = fork(program, { stdio: ['ignore', 'ignore', 'pipe', 'ipc'], execArgv: [] })
  const complaints = text(child.stderr!)
  const ended = once(child, 'exit')

  child.send({ kind: 'begin', folder: folder.path })
  const [news] = (await once(child, 'message')) as [IndexerNews]
  child.disconnect()

  assert.equal(news.kind, 'idle')
  assert.deepEqual(await ended, [0, null])
  assert.equal(await complaints, '')
})
