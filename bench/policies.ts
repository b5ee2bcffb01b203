/** What policies cost: a warm page beside the same one without any, and a first render of 5,000 files. */
import { devpiAuth, logIn, PASSWORD } from '../test/support/devpi-api.ts'
import { startStaticIndex } from '../test/support/static-index.ts'
import { makeWheel } from '../test/support/wheel.ts'
import { Connection } from './support/answers.ts'
import { figureOf } from './support/compare.ts'
import { startWheelyard } from './support/contenders.ts'
import { median, type Figure } from './support/figure.ts'
import { assertWrk, wrk } from './support/wrk.ts'

const ROUNDS = 9
const WARM_UP = 9
const accept = { accept: 'application/vnd.pypi.simple.v1+json' }

/** Four that look at every file and hide ten of 5,000, so that the pages with and without them are alike. */
const policies = {
  deny: ['few>=2,<3', 'many>=2,<3', 'other'],
  max_file_size: '50MB',
  cooldown: '7d',
  newest_versions: 4_990,
}

export async function measure(say: (line: string) => void): Promise<Figure[]> {
  assertWrk()
  await using upstream = await startStaticIndex([...files('few', 200), ...files('many', 5000)])
  const bases = ['ada/mirror']
  await using ours = await startWheelyard([
    { name: 'ada/mirror', type: 'mirror', mirror_url: upstream.url('simple/') },
    { name: 'ada/open', bases },
    { name: 'ada/policed', bases, ...policies },
  ])
  using connection = new Connection()
  const page = (index: string, project: string) => ours.url(`${index}/+simple/${project}/`)

  async function assertCount(index: string, project: string, count: number): Promise<void> {
    const { body } = await connection.get(page(index, project), accept)
    const found = (JSON.parse(body.toString()) as { files: unknown[] }).files.length
    if (found !== count) throw new Error(`${index} lists ${found} files, not ${count}`)
  }
  for (const [index, many] of [
    ['ada/open', 5000],
    ['ada/policed', 4990],
  ] as const) {
    await assertCount(index, 'few', 200)
    await assertCount(index, 'many', many)
  }

  say('warm pages of 200 files, with and without policies …')
  const rate = async (index: string): Promise<number> => {
    const load = { headers: accept, connections: 16, seconds: 1 }
    return (await wrk({ ...load, pid: ours.pid, url: page(index, 'few') })).perSecond
  }
  const rates: Record<string, number[]> = { 'ada/open': [], 'ada/policed': [] }
  for (let round = -1; round < ROUNDS; round++) {
    const order = Object.keys(rates)
    for (const index of round % 2 === 0 ? order : order.toReversed()) {
      const measured = await rate(index)
      if (round >= 0) rates[index]?.push(measured)
    }
  }

  say('first renders of 5000 files …')
  const token = await logIn(ours.url(), 'ada', PASSWORD)
  /** A change of the index makes its pages anew. */
  async function timeFirstRender(index: string, round: number): Promise<number> {
    const response = await fetch(ours.url(index), {
      method: 'PATCH',
      headers: { 'content-type': 'application/json', ...devpiAuth({ user: 'ada', secret: token }) },
      body: JSON.stringify({ title: `round ${round}` }),
    })
    if (!response.ok) throw new Error(`${response.status} ${await response.text()}`)
    await response.text()
    return connection.time(page(index, 'many'), accept)
  }
  const renders: Record<string, number[]> = { 'ada/open': [], 'ada/policed': [] }
  for (let round = -WARM_UP; round < ROUNDS; round++) {
    for (const [index, times] of Object.entries(renders)) {
      const took = await timeFirstRender(index, round)
      if (round >= 0) times.push(took)
    }
  }

  const [open = [], policed = []] = [rates['ada/open'], rates['ada/policed']]
  const [plain = [], judged = []] = [renders['ada/open'], renders['ada/policed']]
  return [
    figureOf(
      {
        name: 'policies.warm',
        what: 'page of 200 files with four policies, JSON',
        unit: '/s',
        peerName: 'without policies',
      },
      policed,
      open,
    ),
    {
      name: 'policies.render',
      what: 'first render of 5000 files with four policies, JSON',
      unit: 'ms',
      ours: median(judged),
      peer: { name: 'without policies', value: median(plain) },
      ratio: median(judged) / median(plain),
      rounds: { ours: judged, peer: plain },
    },
  ]
}

const files = (project: string, count: number) =>
  Array.from({ length: count }, (_, at) => ({
    ...makeWheel(project, `1.${at}`),
    requiresPython: '>=3.9',
    uploadTime: '2024-05-06T07:08:09.123456Z',
  }))
