/** What the first reader waits for after an upload: the page is listed, rendered and sent. */
import { Connection } from './support/answers.ts'
import { basicAuth, startDevpi, startWheelyard, type Contender } from './support/contenders.ts'
import { median, type Figure } from './support/figure.ts'
import { makeUploads, sendUploads } from './support/uploads.ts'

const ROUNDS = 15
/** Rendered before the clock starts, so that no number is that of a cold compiler. */
const WARM_UP = 15

const accepts = {
  JSON: { accept: 'application/vnd.pypi.simple.v1+json' },
  HTML: { accept: 'text/html' },
} as const

export async function measure(say: (line: string) => void): Promise<Figure[]> {
  await using ours = await startWheelyard(['ada/own'])
  const figures: Figure[] = []
  for (const files of [200, 5000]) {
    say(`first render of ${files} files …`)
    const times = await timeFirstRenders(ours, files)
    for (const [format, rounds] of Object.entries(times)) {
      figures.push({
        name: `render.${files}.${format.toLowerCase()}`,
        what: `first render after an upload, ${files} files, ${format}`,
        unit: 'ms',
        ours: median(rounds),
        rounds: { ours: rounds },
      })
    }
  }
  say('the same on devpi-server …')
  await using devpi = await startDevpi(['ada/own'])
  const times = await timeFirstRenders(devpi, 200)
  return figures.map((figure) => withPeer(figure, times))
}

type Times = Record<keyof typeof accepts, number[]>

/** A project with about so many files: one more with each round. */
async function timeFirstRenders(server: Contender, files: number): Promise<Times> {
  using connection = new Connection()
  const project = `renders${files}`
  const uploads = makeUploads(project, 0, files + 2 * WARM_UP + ROUNDS)
  const authorization = await basicAuth(server, 'ada', 'token')
  const target = { url: server.url('ada/own/'), authorization }
  const page = server.url(`ada/own/+simple/${project}/`)

  const rest = uploads.splice(0, files - ROUNDS)
  await sendUploads({ ...target, uploads: rest, connections: 8 })

  const times: Times = { JSON: [], HTML: [] }
  for (let round = -WARM_UP; round < ROUNDS; round++) {
    for (const format of ['JSON', 'HTML'] as const) {
      const next = uploads.splice(0, 1)
      await sendUploads({ ...target, uploads: next, connections: 1 })
      const took = await connection.time(page, accepts[format])
      if (round >= 0) times[format].push(took)
    }
  }
  return times
}

function withPeer(figure: Figure, devpiTimes: Times): Figure {
  const format = /^render\.200\.(\w+)$/.exec(figure.name)?.[1]?.toUpperCase()
  if (format !== 'JSON' && format !== 'HTML') return figure
  const value = median(devpiTimes[format])
  const peer = { name: 'devpi-server', value }
  const rounds = { ours: figure.rounds?.ours ?? [], peer: devpiTimes[format] }
  return { ...figure, peer, ratio: figure.ours / value, rounds }
}
