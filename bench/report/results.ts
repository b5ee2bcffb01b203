/** What a run of the benches leaves in a file: everything that a page about it needs. */
import { isDeepStrictEqual } from 'node:util'
import type { Figure, Limit, Verdict } from '../support/figure.ts'
import type { Machine } from '../support/versions.ts'

export interface Result extends Figure {
  readonly limit?: Limit | undefined
  readonly verdict: Verdict
}

export interface Results {
  readonly machine: Machine
  /** By name of the program. */
  readonly versions: Readonly<Record<string, string>>
  /** Server and load had a core each. */
  readonly isPinned: boolean
  readonly isQuick: boolean
  /** Processes that wanted a core before it began: the load average of a minute. */
  readonly busy: number
  readonly figures: readonly Result[]
}

/** Of several runs, one after the other on one machine; of a figure that several have, the last one's. Refuses other machines and programs. */
export function mergeResults(runs: readonly Results[]): Results {
  const [first, ...others] = runs
  if (!first) throw new Error('there are no results')
  for (const other of others) {
    for (const part of ['machine', 'versions', 'isPinned'] as const) {
      if (isDeepStrictEqual(other[part], first[part])) continue
      const [one, two] = [first[part], other[part]].map((value) => JSON.stringify(value))
      throw new Error(`results of different runs: ${part} is ${one} in one and ${two} in another`)
    }
  }
  return {
    ...first,
    isQuick: runs.some(({ isQuick }) => isQuick),
    busy: Math.max(...runs.map(({ busy }) => busy)),
    figures: [
      ...new Map(runs.flatMap(({ figures }) => figures).map((one) => [one.name, one])).values(),
    ],
  }
}
