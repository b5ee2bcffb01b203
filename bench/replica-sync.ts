/** A new replica gets a site of 4,000 small files, against devpi-server's own replica of as many in the same run. */
import { setTimeout as wait } from 'node:timers/promises'
import { makeStages } from '../test/support/devpi-api.ts'
import { startDevpiPrimary } from '../test/support/devpi-primary.ts'
import { makeSharedSecret } from '../test/support/feed.ts'
import { startDevpiReplica } from '../test/support/upstream.ts'
import { basicAuth, startWheelyard, type Contender } from './support/contenders.ts'
import { unpin } from './support/cores.ts'
import type { Figure } from './support/figure.ts'
import { processorTime } from './support/memory.ts'
import { startReplica } from './support/replicas.ts'
import { makeUploads, sendUploads } from './support/uploads.ts'

const FILES = Number(process.env['WHEELYARD_BENCH_FILES'] ?? 4000)
const PROJECTS = 40
const LOOK_MS = 20

/** Milliseconds from the call that starts the replica, and its processor time until the end. */
interface Sync {
  readonly metadata: number
  readonly files: number
  readonly cpu: number
}

export async function measure(say: (line: string) => void): Promise<Figure[]> {
  const theirs = await syncDevpi(say)
  const ours = await syncOurs(say)
  const what = `a new replica has ${FILES} small files`
  return [
    sideBySide('metadata', `${what}: its serial is the primary's`),
    sideBySide('files', '  and all bytes are here'),
    sideBySide('cpu', '  its processor time'),
  ]

  function sideBySide(name: keyof Sync, told: string): Figure {
    const peer = { name: 'devpi-server', value: theirs[name] }
    const ratio = theirs[name] / ours[name]
    return { name: `replica-sync.${name}`, what: told, unit: 'ms', ours: ours[name], peer, ratio }
  }
}

async function syncOurs(say: (line: string) => void): Promise<Sync> {
  await using secret = await makeSharedSecret()
  await using primary = await startWheelyard(['ada/own'], {}, ['--secret-file', secret.path])
  await fill(primary, say)
  unpin(primary.pid)
  const { serial } = await statusOf(primary)
  say('our replica …')
  const begin = performance.now()
  await using replica = await startReplica(primary.url(), secret)
  const metadata = await until(replica, begin, (status) => status.serial >= serial)
  const files = await until(replica, begin, ({ blobs }) => blobs?.['changes-to-look-at'] === 0)
  return { metadata, files, cpu: await processorTime(replica.pid) }
}

async function syncDevpi(say: (line: string) => void): Promise<Sync> {
  await using primary = await startDevpiPrimary()
  await makeStages(primary.server.url(), ['ada/own'])
  await fill(primary.server, say)
  const { serial } = await statusOf(primary.server)
  say("devpi-server's replica …")
  const begin = performance.now()
  await using replica = await startDevpiReplica(primary.server.url(), primary.secretFile)
  const metadata = await until(replica, begin, (status) => status.serial >= serial)
  const files = await until(replica, begin, (status) => status['replica-in-sync-at'] != null)
  return { metadata, files, cpu: await processorTime(replica.pid) }
}

async function fill(server: Contender, say: (line: string) => void): Promise<void> {
  say(`uploading ${FILES} files …`)
  const authorization = await basicAuth(server, 'ada', 'token')
  for (let project = 0; project < PROJECTS; project++) {
    const uploads = makeUploads(`small-${project}`, 0, FILES / PROJECTS)
    await sendUploads({ url: server.url('ada/own/'), authorization, uploads, connections: 4 })
  }
}

interface Status {
  readonly serial: number
  readonly 'replica-in-sync-at'?: number | null
  readonly blobs?: { readonly 'changes-to-look-at': number }
}

async function statusOf(server: Pick<Contender, 'url'>): Promise<Status> {
  const response = await fetch(server.url('+status'), { headers: { accept: 'application/json' } })
  return ((await response.json()) as { result: Status }).result
}

async function until(
  server: Pick<Contender, 'url'>,
  begin: number,
  isReached: (status: Status) => boolean,
): Promise<number> {
  while (!isReached(await statusOf(server))) await wait(LOOK_MS)
  return performance.now() - begin
}
