/** Wheelyard and the real devpi-server side by side, told the same story. */
import { startApi } from '../support/api.ts'
import { startDevpiServer } from '../support/upstream.ts'
import { compare, type Verdict } from './compare.ts'
import type { DifferenceId } from './differences.ts'
import type { Heard } from './heard.ts'
import { Speaker } from './speaker.ts'
import type { Step, Story } from './step.ts'

export interface Pair extends AsyncDisposable {
  /**
   * Tells both the steps, or those up to one that meets the difference `until`, and returns what was not as it should
   * be, as text.
   */
  tell(steps: readonly Step[], until?: DifferenceId): Promise<readonly string[]>
  /** The differences that were met so far. */
  readonly met: ReadonlySet<DifferenceId>
  /** How many steps were told. */
  readonly told: number
}

export type Setting = Pick<Story, 'ours' | 'theirs' | 'web' | 'mirrors'>

export async function startPair({ ours = {}, theirs = [], web, mirrors }: Setting): Promise<Pair> {
  await using stack = new AsyncDisposableStack()
  const [api, devpi] = await Promise.all([
    startApi({ config: ours }),
    startDevpiServer({ args: theirs, web: web === true }),
  ])
  stack.use(api)
  stack.use(devpi)
  const here = stack.use(await Speaker.open(api.app.url))
  const there = stack.use(await Speaker.open(devpi.url()))
  const owned = stack.move()

  const met = new Set<DifferenceId>()
  let told = 0
  const pair: Pair = {
    met,
    get told() {
      return told
    },
    async tell(steps, until) {
      const faults: string[] = []
      for (const step of steps) {
        const [ourAnswer, theirAnswer] = await Promise.all([here.say(step), there.say(step)])
        const compared = { step, ours: ourAnswer, theirs: theirAnswer }
        const verdict = compare(compared, (path) => mirrors === true && path === 'commits')
        for (const id of verdict.met) met.add(id)
        told++
        if (verdict.faults.length > 0) faults.push(describe(step, verdict, ourAnswer, theirAnswer))
        if (until !== undefined && verdict.met.has(until)) break
      }
      return faults
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
  return pair
}

function describe(
  { form, ...shown }: Step,
  { faults }: Verdict,
  ours: Heard,
  theirs: Heard,
): string {
  const fields = form?.map(({ name, value, filename }) => [name, filename ?? String(value)])
  const asked = JSON.stringify({ ...shown, ...(fields && { form: fields }) })
  const statuses = ours.status === theirs.status ? ours.status : `${ours.status}/${theirs.status}`
  return [`${asked} ${statuses}`, ...faults.map((fault) => `    ${fault}`)].join('\n')
}
