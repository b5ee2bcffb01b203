/** What is said to both servers, as data: requests in chapters, chapters in stories. */
import type { IncomingHttpHeaders } from 'node:http'
import type { Answer as UpstreamAnswer } from '../support/fake-upstream.ts'
import type { Part } from '../support/upload.ts'
import type { Config } from '#config'
import type { DifferenceId } from './differences.ts'

/** A server's answer as it came. */
export interface RawAnswer {
  readonly status: number
  readonly reason: string
  readonly headers: IncomingHttpHeaders
  readonly bytes: Buffer
}

export interface Step {
  /** As one would write it on a command line: `PUT /bob`. `{name}` stands for what an earlier step kept. */
  readonly ask: string
  /** The user whose last login signs the request. */
  readonly as?: string
  readonly secret?: string
  /** How: with the header of devpi's client unless this says `basic`. */
  readonly by?: 'basic'
  readonly json?: unknown
  readonly body?: string | Uint8Array
  readonly form?: readonly Part[]
  /** JSON unless said; `''` for none at all. */
  readonly accept?: string
  readonly headers?: Readonly<Record<string, string>>
  /** Remembers something of the answer, for `{name}` in later requests. */
  readonly keep?: Readonly<Record<string, (answer: RawAnswer) => string>>
  /** What upstream was asked meanwhile is compared too. */
  readonly upstreamLog?: true
  /** On a connection of its own, which may break. */
  readonly alone?: true
  /** Further headers of the answer that count. */
  readonly also?: readonly string[]
  /** Upstream answers so from before this step on, by path; undefined is 404 again. */
  readonly upstream?: Readonly<Record<string, UpstreamAnswer | undefined>>
  /** Why the answers are not the same, where that is meant. */
  readonly differs?: DifferenceId | readonly DifferenceId[]
}

/** Some steps that show one thing. */
export interface Chapter {
  /** A sentence that could stand in the manual. */
  readonly title: string
  /** Of the checklist, devpi-http section 12. */
  readonly rows?: readonly number[]
  readonly steps: readonly Step[]
}

/** Chapters that are told to the same two servers, one after the other. */
export interface Story {
  readonly name: string
  readonly ours?: Partial<Config>
  /** Arguments of devpi-server. */
  readonly theirs?: readonly string[]
  /** With devpi-web, whose pages outrank JSON. */
  readonly web?: true
  /**
   * Serials are not compared: a mirror that learns something in the background makes its serial a moment earlier
   * or later.
   */
  readonly mirrors?: true
  readonly chapters: readonly Chapter[]
}
