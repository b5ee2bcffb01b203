/** Pages while an upstream says nothing: of projects that are known, of another upstream, and of one nobody asked for. */
import { setTimeout as wait } from 'node:timers/promises'
import { stall } from '../test/support/fake-upstream.ts'
import { startStaticIndex } from '../test/support/static-index.ts'
import { Connection } from './support/answers.ts'
import { startWheelyard } from './support/contenders.ts'
import type { Figure } from './support/figure.ts'
import { makeSmallWheel } from './support/uploads.ts'

const PROJECTS = 100
/** As short as an index option can say; then links are old. */
const EXPIRY_SECONDS = 1
const headers = { accept: 'application/vnd.pypi.simple.v1+json' }

const names = Array.from({ length: PROJECTS }, (_, number) => `project${number}`)

export async function measure(say: (line: string) => void): Promise<Figure[]> {
  const files = names.map((name) => makeSmallWheel(name, '1.0'))
  await using sick = await startStaticIndex(files)
  await using healthy = await startStaticIndex(files)
  const mirror = { type: 'mirror', mirror_no_project_list: true }
  await using yard = await startWheelyard([
    {
      ...mirror,
      name: 'ada/sick',
      mirror_url: sick.url('simple/'),
      mirror_cache_expiry: EXPIRY_SECONDS,
    },
    { ...mirror, name: 'ada/healthy', mirror_url: healthy.url('simple/') },
    {
      name: 'ada/dev',
      bases: ['ada/sick', 'ada/healthy'],
    },
  ])
  using connection = new Connection()
  const timeAll = async (index: string): Promise<number[]> => {
    const times: number[] = []
    for (const name of names) {
      times.push(await connection.time(yard.url(`${index}/+simple/${name}/`), headers))
    }
    return times
  }
  say('all links become known, and old …')
  await timeAll('ada/sick')
  await wait(EXPIRY_SECONDS * 1500)

  say('upstream says nothing …')
  sick.answerWith(stall)
  const refused = timeRefusal(yard.url('ada/sick/+simple/unknown/'))
  const known = await timeAll('ada/sick')
  const other = await timeAll('ada/healthy')
  const unknown = await refused
  const mixed = await timeAll('ada/dev')

  const figure = (name: string, what: string, times: readonly number[]): Figure => ({
    name: `stalled.${name}`,
    what: `upstream stalls: ${what}, at most`,
    unit: 'ms',
    ours: Math.max(...times),
    rounds: { ours: times },
  })
  return [
    figure('known', 'first page of each known project', known),
    figure('other', "another upstream's pages, each for the first time", other),
    figure('mixed', 'pages of a stage over both', mixed),
    figure('unknown', 'a clear 502 for an unknown project', [unknown]),
  ]
}

/** Milliseconds until a 502. */
async function timeRefusal(url: string): Promise<number> {
  using connection = new Connection()
  const begin = performance.now()
  const { status, body } = await connection.get(url, headers)
  const took = performance.now() - begin
  if (status !== 502) throw new Error(`${url}: ${status} ${body.toString()}`)
  return took
}
