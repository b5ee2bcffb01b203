/** What the server and its rendering thread say to each other. */
import type { RenderedReadme, Source } from '../rendered.ts'

/** The first word of a worker: all is loaded, from now on a text's time counts. */
export const READY = 'ready'

export interface Order {
  readonly source: Source
  readonly maxOutput: number
}

/** Without a rendering when it failed or came out too long. */
export interface Answer {
  readonly rendered?: RenderedReadme
  readonly problem?: Problem
}

export type Problem = 'too-slow' | 'too-large' | 'too-hungry' | 'failed' | 'busy'
