/** What a run of the benches leaves in a file: everything that a page about it needs. */
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
