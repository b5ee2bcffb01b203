/**
 * Shows from the system calls of one upload that its bytes, in the journal of small files, and the ledger's write-ahead log are on
 * the disk before the client is told so.
 */
import { spawnSync } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { makeStages } from '../test/support/devpi-api.ts'
import { startProcess } from '../test/support/process.ts'
import { makeTempFolder } from '../test/support/temp.ts'
import { basicAuth } from './support/contenders.ts'
import type { Figure } from './support/figure.ts'
import { readTrace, type SystemCall } from './support/trace.ts'
import { makeSmallWheel, sendUploads, uploadBody } from './support/uploads.ts'

const CALLS = 'fsync,fdatasync,rename,renameat,renameat2,openat,write,pwrite64,writev,sendto'
const PROGRAM = join(import.meta.dirname, '..', 'bin', 'wheelyard.ts')

export async function measure(say: (line: string) => void): Promise<Figure[]> {
  if (spawnSync('strace', ['--version']).error) {
    throw new Error('This measure needs strace. Try: apt-get install strace')
  }
  await using folder = await makeTempFolder('durable')
  const log = folder.join('calls.log')
  say('one upload under strace …')
  const digest = await uploadUnderTrace(folder.path, log)
  const steps = findSteps(readTrace(await readFile(log, 'utf8')), digest)
  const isDurable = isInOrder(steps)
  return [
    {
      name: 'durable',
      what: 'bytes and ledger synced before the answer: 1 if so',
      unit: '',
      ours: isDurable ? 1 : 0,
      evidence: steps.map(
        ({ what, call }) => `${what}: ${call ? shorten(call, folder.path) : '–'}`,
      ),
    },
  ]
}

/** Returns the digest of what was uploaded. */
async function uploadUnderTrace(folder: string, log: string): Promise<string> {
  const serve = [PROGRAM, 'serve', '--dir', join(folder, 'data'), '--port', '0', '--no-root-pypi']
  // With -D the server is our child, and strace goes when it goes.
  const strace = ['-f', '-D', '-y', '-s', '80', '-e', `trace=${CALLS}`, '-o', log]
  const env = { HOME: folder, PATH: process.env['PATH'] ?? '/usr/bin:/bin' }
  await using server = startProcess('strace', [...strace, process.execPath, ...serve], { env })
  const address = await server.until(() => /(http:\S+)\s/.exec(server.stdout)?.[1])

  await makeStages(address, ['ada/own'])
  const url = (path = ''): string => new URL(path, address).href
  const authorization = await basicAuth({ url }, 'ada', 'token')
  const wheel = makeSmallWheel('anchor', '1.0')
  const uploads = [uploadBody('anchor', '1.0', wheel)]
  await sendUploads({ url: url('ada/own/'), authorization, uploads, connections: 1 })
  return wheel.sha256
}

interface Step {
  readonly what: string
  readonly call: SystemCall | undefined
}

/** The steps in the order in which they must end; the answer is judged by when it began. */
function findSteps(calls: readonly SystemCall[], digest: string): Step[] {
  const renamed = calls.find(({ name, text }) => name.startsWith('rename') && text.includes(digest))
  const answer = calls.find(
    ({ name, text, begin }) =>
      /^(write|writev|sendto)$/.test(name) &&
      text.includes('HTTP/1.1 200') &&
      begin > (renamed?.begin ?? Infinity),
  )
  const synced = calls.filter(
    ({ name, end }) => /^f(data)?sync$/.test(name) && end < (answer?.begin ?? 0),
  )
  const journal = synced.findLast(({ text }) => text.includes(JOURNAL))
  const log = synced.findLast(({ text }) => text.includes('.sqlite-wal>'))
  return [
    { what: 'bytes written', call: lastWriteTo(JOURNAL, calls, journal) },
    { what: 'bytes synced', call: journal },
    { what: 'file renamed', call: renamed },
    { what: 'log written', call: lastWriteTo('.sqlite-wal>', calls, log) },
    { what: 'log synced', call: log },
    { what: 'answered', call: answer },
  ]
}

const JOURNAL = '/blobs/journal/'

function lastWriteTo(
  path: string,
  calls: readonly SystemCall[],
  before: SystemCall | undefined,
): SystemCall | undefined {
  return calls.findLast(
    ({ name, text, end }) =>
      /^p?write(64)?$/.test(name) && text.includes(path) && end <= (before?.begin ?? 0),
  )
}

function isInOrder(steps: readonly Step[]): boolean {
  return steps.every(
    ({ call }, at) => call && (at === 0 || call.begin >= (steps[at - 1]?.call?.end ?? Infinity)),
  )
}

function shorten({ text }: SystemCall, folder: string): string {
  return text.replaceAll(folder, 'DIR').replaceAll(/[0-9a-f]{64}/g, (hex) => `${hex.slice(0, 8)}…`)
}
