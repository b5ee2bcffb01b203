/** The model of the template `explain`: what came of every file of a project, and why. */
import type { Addresses } from '../addresses.ts'

/** As `+explain` tells it to programs. */
export interface Explanation {
  readonly index: string
  readonly project: string
  readonly policies: boolean
  readonly shown: number
  readonly hidden: number
  readonly indexes: readonly {
    readonly index: string
    readonly type: 'stage' | 'mirror'
    readonly has_project: boolean
    readonly asked: boolean
    readonly reason?: string | undefined
    readonly mirror?: ExplainedMirror | undefined
  }[]
  readonly files: readonly ExplainedFile[]
}

interface ExplainedMirror {
  readonly upstream: string | undefined
  readonly standing: string
  readonly last_look: string | undefined
  readonly fresh_until: string | undefined
  readonly claimed_since: string | undefined
  readonly failing: { readonly reason: string | undefined } | undefined
}

interface Reason {
  readonly rule: string
  readonly index: string
  readonly reason: string
  readonly until?: string | undefined
}

interface ExplainedFile {
  readonly filename: string
  readonly version: string
  readonly index: string
  readonly shown: boolean
  readonly hidden_by?: Reason | undefined
  readonly rehearsed?: Reason | undefined
  readonly first_seen: string
  readonly upload_time?: string | undefined
}

interface ShownFile extends ExplainedFile {
  /** Of its release, where that has a page here. */
  readonly address: string | undefined
}

export interface ExplanationView extends Explanation {
  readonly projectAddress: string
  readonly address: string
  /** Only this version's files are told of. */
  readonly version: string | undefined
  /** What is shown of `files`. */
  readonly shownFiles: readonly ShownFile[]
  readonly leftOut: number
}

/** Files on one page: of a large project the newest versions tell. */
const MOST_FILES = 500

export function viewExplanation(
  explanation: Explanation,
  version: string | undefined,
  addresses: Addresses,
): ExplanationView {
  const { index, project, files } = explanation
  return {
    ...explanation,
    projectAddress: addresses.project(index, project),
    address: addresses.explain(index, project),
    version,
    shownFiles: files.slice(0, MOST_FILES).map((file) => ({
      ...file,
      address: file.shown ? addresses.release(index, project, file.version) : undefined,
    })),
    leftOut: Math.max(0, files.length - MOST_FILES),
  }
}
