/** A recorded history is played to a primary, change by change: its replica shows the same at every serial. */
import assert from 'node:assert/strict'
import { cp } from 'node:fs/promises'
import { test } from 'node:test'
import type { Change } from '#ledger/change'
import { openLedger } from '#ledger/open-ledger'
import { startApi, type Api } from '../support/api.ts'
import { makeDocs, sendDocs } from '../support/docs.ts'
import { makeSharedSecret } from '../support/feed.ts'
import { makeTempFolder, type TempFolder } from '../support/temp.ts'
import { sendToxresult } from '../support/toxresults.ts'
import { reached } from '../support/until.ts'
import { sendFile } from '../support/upload.ts'
import { makeWheel } from '../support/wheel.ts'

const SIMPLE = 'application/vnd.pypi.simple.v1+json'

const paths = [
  ...['/', '/ada', '/bob', '/ada/dev', '/ada/base', '/+inheritance', '/+changes'],
  ...['/ada/dev/+simple/', '/ada/dev/+changes', '/ada/dev/+feed'],
  ...['anchor', 'rope'].flatMap((project) => [
    ...[`/ada/dev/${project}`, `/ada/base/${project}`, `/ada/dev/+explain/${project}`],
    ...[`/ada/dev/+simple/${project}/`, `/ada/base/+simple/${project}/`],
    ...[
      `/ada/dev/${project}/1.0`,
      `/ada/dev/${project}/2.0`,
      `/ada/dev/${project}/1.0/+d/index.html`,
    ],
  ]),
]

/** Something of everything that changes what pages show. */
async function makeHistory(api: Api): Promise<void> {
  const as = 'ada'
  const upload = async (index: string, project: string, version: string): Promise<void> => {
    const fields = { name: project, version }
    const { status, text } = await sendFile(api, index, makeWheel(project, version), fields)
    assert.equal(status, 200, text)
  }
  const good = async (asked: Promise<{ status: number; text: string }>): Promise<void> => {
    const { status, text } = await asked
    assert.ok(status < 300, `${status} ${text}`)
  }
  await upload('ada/base', 'anchor', '1.0')
  await upload('ada/base', 'anchor', '2.0')
  await good(api.patch('/ada/dev', { as, json: ['bases=ada/base', 'title=Development'] }))
  await upload('ada/dev', 'rope', '1.0')
  await upload('ada/dev', 'anchor', '1.0')
  const docs = makeDocs({ 'index.html': 'How to anchor' })
  await sendDocs(api, docs, { name: 'anchor', version: '1.0' })
  const { json } = await api.get('/ada/dev/+simple/anchor/', { accept: SIMPLE })
  const file = new URL(json.files[0].url, 'http://x/ada/dev/+simple/anchor/').pathname
  await sendToxresult(api, file)
  await good(api.patch('/ada', { as, json: { email: 'ada@home.example' } }))
  await good(api.push('/ada/base', { as, json: pushOf('anchor', '2.0', 'ada/dev') }))
  await good(api.patch('/ada/dev', { as, json: ['volatile=true'] }))
  await good(api.patch('/ada/base', { as, json: ['volatile=true'] }))
  await good(api.del('/ada/dev/rope/1.0', { as }))
  await good(api.patch('/ada/base', { as, json: ['acl_read=ada'] }))
  await good(api.patch('/ada/base', { as, json: ['acl_read=:ANONYMOUS:'] }))
  await good(api.del('/ada/dev/anchor', { as }))
  await good(api.patch('/ada/dev', { as, json: ['bases='] }))
  await good(api.del('/ada/base', { as }))
  await api.makeUser('bob')
}

const pushOf = (name: string, version: string, targetindex: string) => ({
  ...{ name, version, targetindex },
})

async function record(): Promise<{ changes: Change[]; blobs: TempFolder }> {
  await using api = await startApi({ indexes: ['ada/base', 'ada/dev'], transport: 'socket' })
  await makeHistory(api)
  const changes: Change[] = []
  for (let serial = 0; serial <= api.serial; serial++) {
    changes.push((await api.ledger.change(serial))!)
  }
  const blobs = await makeTempFolder('recorded')
  await cp(api.folder.join('blobs'), blobs.join('blobs'), { recursive: true })
  return { changes, blobs }
}

test('the pages of a replica are those of its primary at every serial of a history', async () => {
  const { changes, blobs } = await record()
  await using played = blobs
  await using secret = await makeSharedSecret()
  // Another process, as far as the primary can tell, that writes what was recorded.
  const writer = await openLedger(played.path, { isFollower: true })
  await writer.takeOver(changes.slice(0, 1))
  const config = { secretFile: secret.path }
  await using primary = await startApi({
    ...{ transport: 'socket' },
    config: { ...config, dir: played.path },
  })
  await using replica = await startApi({
    ...{ transport: 'socket' },
    config: { ...config, primaryUrl: primary.app.url },
  })
  const differing: string[] = []
  const shown = new Set<string>()

  for (const change of changes) {
    await writer.takeOver([change])
    await primary.ledger.catchUp()
    await reached(replica.ledger, change.serial)
    for (const path of paths) {
      for (const accept of ['application/json', 'text/html', SIMPLE]) {
        const [there, here] = await Promise.all(
          [primary, replica].map(async (api) => {
            const { status, text } = await api.get(path, { accept })
            return `${status} ${text.replaceAll(api.app.url, 'http://server/')}`
          }),
        )
        shown.add(`${path} ${accept} ${there}`)
        if (here !== there) differing.push(`${path} as ${accept} at serial ${change.serial}`)
      }
    }
    assert.equal(primary.serial, replica.serial)
  }

  assert.deepEqual(differing, [])
  // that there was something to compare
  assert.ok(shown.size > paths.length * 6, `${shown.size} pages`)
  await writer.close()
})
