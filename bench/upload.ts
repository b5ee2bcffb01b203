/** Durable uploads of 4 KB wheels over 8 connections, with a login token and with a password each time. */
import { compare } from './support/compare.ts'
import { basicAuth, startDevpi, startWheelyard, type Contender } from './support/contenders.ts'
import type { Figure } from './support/figure.ts'
import { makeUploads, sendUploads, type UploadBody } from './support/uploads.ts'

const CONNECTIONS = 8
const ROUNDS = 5
const SECONDS = 3
/** More than fit the time of a round. */
const PER_ROUND = 6000
const PROJECTS = 20
/** Node compiles what runs often: after some thousand uploads the rate stays as it is. Python has no such phase. */
const WARM_ROUNDS = 3

export async function measure(say: (line: string) => void): Promise<Figure[]> {
  await using ours = await startWheelyard(['ada/own'])
  await using devpi = await startDevpi(['ada/own'])
  const figures: Figure[] = []
  for (const kind of ['token', 'password'] as const) {
    say(`uploads with a ${kind} …`)
    const ourAuth = await basicAuth(ours, 'ada', kind)
    const devpiAuth = await basicAuth(devpi, 'ada', kind)
    for (let round = 0; round < WARM_ROUNDS; round++) {
      await rate(ours, ourAuth, `warm-${kind}${round}`, PER_ROUND)
    }
    await rate(devpi, devpiAuth, `warm-${kind}`, 20)
    const figure = await compare({
      name: `upload.${kind}`,
      what: `uploads of 4 KB wheels, 8 connections, ${kind}`,
      unit: '/s',
      peerName: 'devpi-server',
      rounds: ROUNDS,
      ours: {
        pid: ours.pid,
        measure: (round) => rate(ours, ourAuth, `${kind}${round}`, PER_ROUND),
      },
      peer: {
        pid: devpi.pid,
        measure: (round) => rate(devpi, devpiAuth, `${kind}${round}`, PER_ROUND / 10),
      },
    })
    figures.push(figure)
  }
  return figures
}

/** Uploads per second, of versions of twenty projects. */
async function rate(
  server: Contender,
  authorization: string,
  name: string,
  most: number,
): Promise<number> {
  const uploads = interleave(
    Array.from({ length: PROJECTS }, (_, at) => makeUploads(`${name}-${at}`, 0, most / PROJECTS)),
  )
  const { count, ms } = await sendUploads({
    url: server.url('ada/own/'),
    authorization,
    uploads,
    connections: CONNECTIONS,
    seconds: SECONDS,
  })
  return count / (ms / 1000)
}

function interleave(lists: readonly UploadBody[][]): UploadBody[] {
  const [first = []] = lists
  return first.flatMap((_, at) => lists.map((list) => list[at]!))
}
