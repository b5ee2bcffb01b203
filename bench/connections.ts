/** What others wait while many connections are held: idle ones, slow readers, and those that never say what they want. */
import { setTimeout as wait } from 'node:timers/promises'
import { basicAuth, startWheelyard } from './support/contenders.ts'
import { idleCrowd, slowBodies, slowHeaders, slowReaders, type Crowd } from './support/crowd.ts'
import { median, type Figure, type Load } from './support/figure.ts'
import { medianLoad } from './support/load.ts'
import { rounds } from './support/quick.ts'
import { makeSizedWheel, makeUploads, sendUploads, uploadBody } from './support/uploads.ts'
import { assertWrk, wrkLoad } from './support/wrk.ts'

const IDLE = 5000
const SLOW = 500
const ROUNDS = 5
const SECONDS = 3
const SETTLE_MS = 2000
/** As many as an office has at once; the server is not at its limit. */
const CONNECTIONS = 2
const LARGE = 5_000_000

const json = { accept: 'application/vnd.pypi.simple.v1+json' }

interface Case {
  readonly name: string
  readonly what: string
  readonly size: number
  readonly gather: () => Promise<Crowd>
}

export async function measure(say: (line: string) => void): Promise<Figure[]> {
  assertWrk()
  await using ours = await startWheelyard(['ada/own'], {}, ['--log-level', 'error'])
  const authorization = await basicAuth(ours, 'ada', 'token')
  const target = { url: ours.url('ada/own/'), authorization, connections: 4 }
  const large = uploadBody('large', '1.0', makeSizedWheel('large', '1.0', LARGE))
  await sendUploads({ ...target, uploads: [...makeUploads('anchor', 0, 200), large] })
  const page = ours.url('ada/own/+simple/anchor/')
  const listing = await (await fetch(ours.url('ada/own/+simple/large/'), { headers: json })).json()
  const { files } = listing as { files: { url: string }[] }
  const file = new URL(files[0]?.url ?? '', ours.url('ada/own/+simple/large/')).href

  const headers = [
    `Authorization: ${authorization}`,
    'Content-Type: multipart/form-data; boundary=slow',
    'Content-Length: 1000000',
  ].join('\r\n')
  const part = (field: string) => `--slow\r\nContent-Disposition: form-data; name="${field}"`
  const action = `${part(':action')}\r\n\r\nfile_upload\r\n`
  const begin = `${action}${part('content')}; filename="slow-1.0-py3-none-any.whl"\r\n\r\n`
  const cases: readonly Case[] = [
    {
      name: 'idle',
      what: `${IDLE} idle connections`,
      size: IDLE,
      gather: () => idleCrowd(page, IDLE),
    },
    {
      name: 'readers',
      what: `${SLOW} slow readers`,
      size: SLOW,
      gather: () => slowReaders(file, SLOW),
    },
    {
      name: 'headers',
      what: `${SLOW} slow headers`,
      size: SLOW,
      gather: () => slowHeaders(page, SLOW),
    },
    {
      ...{ name: 'bodies', what: `${SLOW} slow bodies`, size: SLOW },
      gather: () => slowBodies(ours.url('ada/own/'), SLOW, { headers, begin }),
    },
  ]
  const read = (): Promise<Load> =>
    wrkLoad({ url: page, headers: json, connections: CONNECTIONS, seconds: SECONDS }, [ours.pid])
  await read()

  const figures: Figure[] = []
  for (const one of cases) {
    say(`${one.what} …`)
    figures.push(await inTurns(one, read))
  }
  return figures
}

async function inTurns(
  { name, what, size, gather }: Case,
  read: () => Promise<Load>,
): Promise<Figure> {
  const [calm, crowded]: [Load[], Load[]] = [[], []]
  for (let round = 0; round < rounds(ROUNDS); round++) {
    calm.push(await read())
    await using crowd = await gather()
    // The crowd's coming is over: it is its staying that counts.
    await wait(SETTLE_MS)
    crowded.push(await read())
    if (crowd.count < size) throw new Error(`only ${crowd.count} of ${size} connections were kept`)
  }
  const p99s = (loads: readonly Load[]): number[] => loads.map(({ p99 = NaN }) => p99)
  return {
    name: `connections.${name}`,
    what: `99th percentile of a warm page beside ${what}`,
    unit: 'ms',
    ours: median(p99s(crowded)),
    peer: { name: 'without', value: median(p99s(calm)) },
    ratio: median(p99s(crowded).map((value, round) => value / (p99s(calm)[round] ?? NaN))),
    rounds: { ours: p99s(crowded), peer: p99s(calm) },
    loads: [
      { name: what, ...medianLoad(crowded) },
      { name: 'without', ...medianLoad(calm) },
    ],
  }
}
