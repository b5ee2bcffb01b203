/** The same work on ledgers of 1,000, 100,000 and 1,000,000 entries, in turns: nothing may cost more for what it has no part in. */
import type { Yard } from '../test/support/yard.ts'
import { Connection } from './support/answers.ts'
import { basicAuth, makeMirror, startWheelyard } from './support/contenders.ts'
import { contest, UNTIL_COMPILED, type Entrant } from './support/contest.ts'
import { pinServer } from './support/cores.ts'
import { median, type Figure, type Load } from './support/figure.ts'
import { loadOf, percentile, type Answered } from './support/load.ts'
import { fillLedger } from './support/long-ledger.ts'
import { familyMemory } from './support/memory.ts'
import { isQuick, rounds } from './support/quick.ts'
import { makeUploads, sendUploads } from './support/uploads.ts'
import { assertWrk, wrkLoad } from './support/wrk.ts'

const ENTRIES = isQuick ? [1000, 100_000] : [1000, 100_000, 1_000_000]
const FILES = 200
const ROUNDS = 9
const UPLOADS = 60
const FIRST_PAGES = 10
const STARTS = 5
const WARM_UP = 3

const json = { accept: 'application/vnd.pypi.simple.v1+json' }
const PAGE = 'ada/own/+simple/anchor/'

interface Place {
  readonly entries: number
  readonly yard: Yard
  readonly authorization: string
}

/** What is done, and how many milliseconds of what it takes. */
interface Work {
  readonly name: string
  readonly what: string
  run(place: Place, round: number): Promise<Load>
}

export async function measure(say: (line: string) => void): Promise<Figure[]> {
  assertWrk()
  await using stack = new AsyncDisposableStack()
  const places: Place[] = []
  for (const entries of ENTRIES) {
    say(`a ledger with ${entries} entries …`)
    const yard = stack.use(await startLong(entries))
    places.push({ entries, yard, authorization: await basicAuth(yard, 'ada', 'token') })
  }
  const figures: Figure[] = []
  for (const work of works) {
    say(`${work.what} …`)
    const entrants = places.toReversed().map((place): Entrant => ({
      warmUp: work.name === 'page' ? UNTIL_COMPILED : WARM_UP,
      name: `${place.entries} entries`,
      key: `${place.entries}`,
      pids: [place.yard.pid],
      run: (round) => work.run(place, round),
    }))
    const [most, ...others] = entrants
    if (!most) break
    const facts = { name: `entries.${work.name}`, what: work.what, rounds: ROUNDS }
    figures.push(...(await contest({ ...facts, ours: most, peers: others })).map(asTimes))
  }
  say('memory, and starting again …')
  return [...figures.map(withCurve), ...(await measureStarts(places))]
}

/** A project with 200 files and as many entries as wanted beside it. */
async function startLong(entries: number): Promise<Yard> {
  const yard = await startWheelyard(['ada/own'])
  await makeMirror(yard, 'ada/mirror', 'http://127.0.0.1:1/')
  const target = { url: yard.url('ada/own/'), authorization: await basicAuth(yard, 'ada', 'token') }
  await sendUploads({ ...target, uploads: makeUploads('anchor', 0, FILES), connections: 4 })
  await yard.kill('SIGTERM')
  await fillLedger(yard.folder, entries)
  await yard.restart()
  pinServer(yard.pid)
  return yard
}

const works: readonly Work[] = [
  {
    name: 'page',
    what: 'warm page of 200 files',
    run: ({ yard }) =>
      wrkLoad({ url: yard.url(PAGE), headers: json, connections: 16, seconds: 1 }, [yard.pid]),
  },
  {
    name: 'first',
    what: 'first page of 200 files after an upload',
    run: async ({ yard, authorization }, round) => {
      using connection = new Connection()
      return await loadOf([yard.pid], async () => {
        const times: number[] = []
        for (let at = 0; at < FIRST_PAGES; at++) {
          // Into a project as large as the page's, and new in each round, so that all rounds are alike.
          const project = `first-${round + 10}`
          const uploads = makeUploads(project, at === 0 ? 0 : FILES + at, at === 0 ? FILES : 1)
          const url = yard.url('ada/own/')
          await sendUploads({ url, authorization, uploads, connections: 4 })
          times.push(await connection.time(yard.url(`ada/own/+simple/${project}/`), json))
        }
        return answered(
          times.slice(1),
          times.slice(1).reduce((sum, time) => sum + time, 0),
        )
      })
    },
  },
  uploading(1),
  uploading(8),
]

function uploading(connections: number): Work {
  return {
    name: `upload.${connections}`,
    what: `upload of a 4 KB wheel, ${connections} at a time`,
    run: ({ yard, authorization }, round) => {
      const uploads = makeUploads(`upload-${connections}-${round + 10}`, 0, UPLOADS)
      const url = yard.url('ada/own/')
      return loadOf([yard.pid], async () => {
        const { times, ms } = await sendUploads({ url, authorization, uploads, connections })
        return answered(times, ms)
      })
    },
  }
}

const answered = (times: readonly number[], ms: number): Answered => ({
  answers: times.length,
  perSecond: (times.length / ms) * 1000,
  median: percentile(times, 50),
  p99: percentile(times, 99),
})

/** Milliseconds of an answer in place of answers per second; the ratio is that of the times. */
function asTimes(figure: Figure): Figure {
  const { ours, peer, rounds: { ours: own = [], peer: theirs = [] } = {} } = figure
  const times = (rates: readonly number[]): number[] => rates.map((rate) => 1000 / rate)
  return {
    ...figure,
    unit: 'ms',
    ours: 1000 / ours,
    ...(peer && { peer: { ...peer, value: 1000 / peer.value } }),
    ratio: median(own.map((rate, round) => (theirs[round] ?? NaN) / rate)),
    rounds: { ours: times(own), peer: times(theirs) },
  }
}

/** The loads are those of all sizes, largest first. */
function withCurve(figure: Figure): Figure {
  if (!figure.loads) return figure
  const points = figure.loads.map(({ name, perSecond }) => ({
    x: Number.parseInt(name, 10),
    y: 1000 / perSecond,
  }))
  const loads = figure.loads
  return { ...figure, loads, curve: { over: 'entries in the ledger', points: points.toReversed() } }
}

async function measureStarts(places: readonly Place[]): Promise<Figure[]> {
  const seconds = new Map<number, number[]>(places.map(({ entries }) => [entries, []]))
  const memory = new Map<number, number>()
  for (const { entries, yard } of places) memory.set(entries, await familyMemory(yard.pid))
  for (let round = 0; round < rounds(STARTS); round++) {
    for (const { entries, yard } of places) {
      await yard.kill('SIGTERM')
      const begin = performance.now()
      await yard.restart()
      seconds.get(entries)?.push((performance.now() - begin) / 1000)
    }
  }
  const least = ENTRIES[0] ?? 0
  const most = ENTRIES.at(-1) ?? 0
  const points = ENTRIES.map((x) => ({ x, y: median(seconds.get(x) ?? []) }))
  const own = seconds.get(most) ?? []
  const few = seconds.get(least) ?? []
  return [
    {
      name: 'entries.start',
      what: 'from the command to ready',
      unit: 's',
      ours: median(own),
      peer: { name: `${least} entries`, value: median(few) },
      ratio: median(own.map((value, round) => value / (few[round] ?? NaN))),
      rounds: { ours: own, peer: few },
      curve: { over: 'entries in the ledger', points },
    },
    {
      name: 'entries.memory',
      what: 'resident memory after all of that',
      unit: 'MB',
      ours: memory.get(most) ?? NaN,
      peer: { name: `${least} entries`, value: memory.get(least) ?? NaN },
      ratio: (memory.get(most) ?? NaN) / (memory.get(least) ?? NaN),
      curve: {
        over: 'entries in the ledger',
        points: ENTRIES.map((x) => ({ x, y: memory.get(x) ?? NaN })),
      },
    },
  ]
}
