/** Two servers that should be alike: every difference is found, and nothing else. */
import assert from 'node:assert/strict'
import { cp } from 'node:fs/promises'
import { test } from 'node:test'
import { compareServers } from '#client/compare'
import { openClient } from '#client/client'
import { keys } from '#registry/keys'
import { startApi, type Api } from '../support/api.ts'
import { runCommand } from '../support/command.ts'
import { makeDocs, sendDocs } from '../support/docs.ts'
import { sendToxresult } from '../support/toxresults.ts'
import { sendFile, urlOf } from '../support/upload.ts'
import { makeWheel } from '../support/wheel.ts'

const wheel = makeWheel('anchor', '1.0')

async function startSide(): Promise<Api> {
  const api = await startApi({ transport: 'socket', indexes: ['ada/dev', 'ada/prod'] })
  for (const index of ['ada/dev', 'ada/prod']) {
    await sendFile(api, index, wheel, { name: 'anchor', version: '1.0', summary: 'Holds' })
  }
  await sendDocs(api, makeDocs(), { name: 'anchor', version: '1.0' })
  await sendToxresult(api, urlOf(wheel))
  return api
}

/** A server on a copy of its folder: all is alike, times too. */
async function startCopy({ folder }: Api): Promise<Api> {
  const copy = await startApi({ transport: 'socket', logins: new Map([['ada', 'pw']]) })
  await copy.app.store.ledger.close()
  await cp(folder.path, copy.folder.path, {
    recursive: true,
    force: true,
    filter: (path) => !/-shm$|local|node\.json/.test(path),
  })
  await copy.restart()
  return copy
}

async function linesOf(first: Api, second: Api, options = {}): Promise<string[]> {
  await using one = openClient(new URL(first.app.url))
  await using other = openClient(new URL(second.app.url))
  const lines: string[] = []
  await compareServers(one, other, {
    ...{ withFiles: true, withMirrors: false, ...options },
    onDifference: ({ where, what }) => void lines.push(`${where}: ${what}`),
  })
  return lines.sort()
}

test('servers that are alike have no difference', async () => {
  await using first = await startSide()
  await using second = await startCopy(first)

  assert.deepEqual(await linesOf(first, second), [])
})

test('each difference is told once for each place where it shows', async () => {
  await using first = await startSide()
  await using second = await startCopy(first)
  await second.makeUser('bob')
  await second.patch('/ada', { as: 'ada', json: { title: 'Ada' } })
  await second.makeIndex('ada/more')
  await second.patch('/ada/dev', { as: 'ada', json: { title: 'Dev', bases: ['ada/prod'] } })
  await sendFile(second, 'ada/prod', makeWheel('rope', '1.0'), { name: 'rope', version: '1.0' })
  await sendFile(first, 'ada/prod', makeWheel('anchor', '2.0'), { name: 'anchor', version: '2.0' })
  await second.ledger.write('ada', async (tx) => {
    const release = keys.version('ada/dev', 'anchor', '1.0')
    tx.set(release, { ...(await tx.get(release)), summary: 'Holds fast' })
    tx.remove(keys.docs('ada/dev', 'anchor', '1.0'))
    const file = keys.file('ada/prod', 'anchor', wheel.filename)
    tx.set(file, { ...(await tx.get(file))!, yanked: 'broken', requiresPython: '>=3' })
  })

  const name = 'anchor-1.0-py3-none-any.whl'
  assert.deepEqual(await linesOf(first, second, { withFiles: false }), [
    'ada/dev/anchor 1.0: file',
    'ada/dev/anchor 1.0: summary',
    'ada/dev: bases',
    'ada/dev: title',
    'ada/prod/anchor 1.0: yanked',
    'ada/prod/anchor: release',
    'ada/prod: project',
    'ada: index',
    'ada: modified',
    'ada: title',
    `page ada/prod/anchor ${name}: requiresPython`,
    `page ada/prod/anchor ${name}: yanked`,
    'page ada/prod/anchor: file',
    'the server: user',
  ])
})

test('a file whose bytes are others, or are not there, is found by reading it', async () => {
  await using first = await startSide()
  await using second = await startCopy(first)
  await second.app.store.blobs.remove(wheel.sha256)

  assert.deepEqual(await linesOf(first, second, { withFiles: false }), [])
  assert.deepEqual(await linesOf(first, second), [
    'ada/dev/anchor 1.0 anchor-1.0-py3-none-any.whl: bytes',
    'ada/prod/anchor 1.0 anchor-1.0-py3-none-any.whl: bytes',
  ])
})

test('the command prints them, and says by its exit code whether there are any', async () => {
  await using first = await startSide()
  await using second = await startCopy(first)
  const cwd = first.folder.path
  const compare = (...more: string[]) =>
    runCommand(['admin', 'compare', first.app.url, second.app.url, ...more], { cwd })

  const alike = await compare()
  await second.patch('/ada/dev', { as: 'ada', json: { title: 'Dev' } })
  const other = await compare('--no-files')
  const json = await compare('--json')
  const wrong = await runCommand(['admin', 'compare', 'ftp://nowhere'], { cwd })

  assert.deepEqual([alike.code, alike.stdout], [0, ''])
  assert.match(
    alike.output,
    /^0 differences; compared: 2 users, 2 indexes, 2 projects, 2 releases, 2 pages, 4 files$/m,
  )
  assert.deepEqual([other.code, other.stdout], [1, 'ada/dev: title: (none) / "Dev"\n'])
  assert.equal(JSON.parse(json.stdout).found[0].second, 'Dev')
  assert.equal(wrong.code, 2)
})
