/** A warm page while somebody uploads a file a second into its index, beside the same page at rest. */
import { setTimeout as wait } from 'node:timers/promises'
import { basicAuth, startWheelyard, type Contender } from './support/contenders.ts'
import { figureOf } from './support/compare.ts'
import type { Figure, Load } from './support/figure.ts'
import { medianLoad } from './support/load.ts'
import { isQuick, rounds } from './support/quick.ts'
import { makeUploads, sendUploads } from './support/uploads.ts'
import { assertWrk, wrkLoad } from './support/wrk.ts'

const FILES = 200
const ROUNDS = 7
const SECONDS = isQuick ? 2 : 4
const UPLOADS_A_SECOND = 1
const WARM_UP = 3

const accepts = {
  json: { accept: 'application/vnd.pypi.simple.v1+json' },
  html: { accept: 'text/html' },
} as const

/** Where the uploads go: beside the page, or onto it, so that it is made anew each time. */
const targets = [
  { name: 'other', what: 'into another project of the index' },
  { name: 'same', what: 'into the same project' },
] as const

export async function measure(say: (line: string) => void): Promise<Figure[]> {
  assertWrk()
  await using ours = await startWheelyard(['ada/own'])
  const authorization = await basicAuth(ours, 'ada', 'token')
  const send = (project: string, first: number, count: number) =>
    sendUploads({
      ...{ url: ours.url('ada/own/'), authorization, connections: 1 },
      uploads: makeUploads(project, first, count),
    })
  await send('anchor', 0, FILES)
  await send('other', 0, FILES)

  let sent = FILES
  const figures: Figure[] = []
  for (const target of targets) {
    for (const [format, headers] of Object.entries(accepts)) {
      say(`page of ${FILES} files, ${format}, uploads ${target.what} …`)
      const read = () => readPage(ours, headers)
      const disturbed = async (): Promise<Load> => {
        const project = target.name === 'same' ? 'anchor' : 'other'
        const uploading = (async () => {
          for (let at = 0; at < SECONDS * UPLOADS_A_SECOND; at++) {
            await wait(1000 / UPLOADS_A_SECOND / 2)
            await send(project, sent++, 1)
            await wait(1000 / UPLOADS_A_SECOND / 2)
          }
        })()
        const load = await read()
        await uploading
        return load
      }
      figures.push(
        await inTurns(`mixed.${target.name}.${format}`, target.what, format, { read, disturbed }),
      )
    }
  }
  return figures
}

const readPage = (ours: Contender, headers: Readonly<Record<string, string>>): Promise<Load> =>
  wrkLoad(
    { url: ours.url('ada/own/+simple/anchor/'), headers, connections: 16, seconds: SECONDS },
    [ours.pid],
  )

async function inTurns(
  name: string,
  what: string,
  format: string,
  { read, disturbed }: Readonly<Record<'read' | 'disturbed', () => Promise<Load>>>,
): Promise<Figure> {
  const own: Load[] = []
  const calm: Load[] = []
  // Node goes on compiling for some ten thousand requests.
  for (let at = 0; at < WARM_UP; at++) await read()
  for (let round = 0; round < rounds(ROUNDS); round++) {
    const turns = [async () => own.push(await disturbed()), async () => calm.push(await read())]
    for (const turn of round % 2 === 0 ? turns : turns.toReversed()) await turn()
  }
  const rates = (loads: readonly Load[]): number[] => loads.map((load) => load.perSecond)
  const told = `page of ${FILES} files, ${format.toUpperCase()}, an upload a second ${what}`
  const facts = { name, what: told, unit: '/s', peerName: 'without' }
  return {
    ...figureOf(facts, rates(own), rates(calm)),
    loads: [
      { name: 'with uploads', ...medianLoad(own) },
      { name: 'without', ...medianLoad(calm) },
    ],
  }
}
