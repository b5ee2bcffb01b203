/** What the server, its rendering process and that one's thread say to each other. */
import type { RenderedReadme, Source } from '../rendered.ts'

/** A thread's first word: all is loaded, from now on a text's time counts. */
export const READY = 'ready'

export interface OrderLimits {
  /** That a thread may work on one text. */
  readonly milliseconds: number
  readonly memoryMb: number
  /** Of the HTML; beyond, the text is shown plain. */
  readonly outputCharacters: number
}

export interface Order {
  readonly source: Source
  readonly limits: OrderLimits
}

/** Without a rendering when it failed or came out too long. */
export interface Answer {
  readonly rendered?: RenderedReadme
  readonly problem?: Problem
}

export type Problem = 'too-slow' | 'too-large' | 'too-hungry' | 'failed' | 'busy'
