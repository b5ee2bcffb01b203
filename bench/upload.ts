/** Durable uploads of wheels, small and large, over one connection and over eight, with a login token and with a password. */
import { basicAuth, startDevpi, startWheelyard, type Contender } from './support/contenders.ts'
import { contest, type Entrant } from './support/contest.ts'
import type { Figure, Load } from './support/figure.ts'
import { loadOf, percentile } from './support/load.ts'
import { isQuick } from './support/quick.ts'
import { makeUploads, sendUploads, type UploadBody } from './support/uploads.ts'

const ROUNDS = 5
const SECONDS = isQuick ? 1 : 3
const PROJECTS = 20
/** Node compiles what runs often: after some thousand uploads the rate stays as it is. Rounds. */
const WARM_UP = isQuick ? 12 : 4

interface Size {
  readonly key: string
  readonly what: string
  readonly bytes: number
  /** Uploads made for a round: more than fit its time. */
  readonly most: number
}

const small: Size = { key: '', what: '4 KB', bytes: 4096, most: 2000 * SECONDS }
const large: Size = { key: '.5mb', what: '5 MB', bytes: 5_000_000, most: 40 * SECONDS }

const kinds = ['token', 'password'] as const

export async function measure(say: (line: string) => void): Promise<Figure[]> {
  await using ours = await startWheelyard(['ada/own'])
  await using devpi = await startDevpi(['ada/own'])
  const figures: Figure[] = []
  for (const size of isQuick ? [small] : [small, large]) {
    for (const kind of kinds) {
      for (const connections of isQuick && kind === 'password' ? [8] : [1, 8]) {
        const what = `uploads of ${size.what} wheels, ${kind}, ${plural(connections, 'connection')}`
        say(`${what} …`)
        const name = `upload${size.key}.${kind}.${connections}`
        const enter = async (server: Contender, most: number) =>
          uploader(server, {
            name,
            size,
            connections,
            most,
            auth: await basicAuth(server, 'ada', kind),
          })
        figures.push(
          ...(await contest({
            name,
            what,
            rounds: ROUNDS,
            ours: {
              name: 'Wheelyard',
              key: 'ours',
              ...(await enter(ours, size.most)),
              warmUp: WARM_UP,
            },
            peers: [
              { name: 'devpi-server', key: 'devpi', ...(await enter(devpi, size.most / 10)) },
            ],
          })),
        )
      }
    }
  }
  return figures
}

const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`

interface Sending {
  readonly name: string
  readonly size: Size
  readonly connections: number
  readonly most: number
  readonly auth: string
}

/** Sends versions of twenty projects, new ones in each round. */
function uploader(
  server: Contender,
  { name, size, connections, most, auth }: Sending,
): Pick<Entrant, 'pids' | 'run'> {
  const pids = [server.pid]
  return { pids, run: (round) => send(`${name.replaceAll('.', '-')}-r${round + WARM_UP}`) }

  async function send(prefix: string): Promise<Load> {
    const each = Math.max(1, Math.ceil(most / PROJECTS))
    const uploads = interleave(
      Array.from({ length: PROJECTS }, (_, at) =>
        makeUploads(`${prefix}-${at}`, 0, each, size.bytes),
      ),
    )
    const target = { url: server.url('ada/own/'), authorization: auth }
    return await loadOf(pids, async () => {
      const run = { ...target, uploads, connections, seconds: SECONDS }
      const { count, ms, times } = await sendUploads(run)
      return {
        answers: count,
        perSecond: count / (ms / 1000),
        median: percentile(times, 50),
        p99: percentile(times, 99),
      }
    })
  }
}

function interleave(lists: readonly UploadBody[][]): UploadBody[] {
  const [first = []] = lists
  return first.flatMap((_, at) => lists.map((list) => list[at]!))
}
