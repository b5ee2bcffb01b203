/** How long an answer took, and what it waited for: in a header for who looks after the server, and in its log. */
import type { Identity } from '#base/identity'
import type { RequestCall } from './request-call.ts'
import type { RequestMeasures } from './request-measures.ts'
import type { Answer } from './route.ts'

export interface Timing {
  readonly measures?: RequestMeasures | undefined
  /** Milliseconds; from then on an answer is late enough for a line of its own in the log. */
  readonly slowMs?: number | undefined
  /** Who gets `Server-Timing` with each answer. */
  tellsTiming?(who: Identity): boolean
}

type Timed = Pick<RequestCall, 'waits' | 'startedAt' | 'answeredAt'>

export const isSlow = (ms: number, { slowMs }: Timing): boolean =>
  slowMs !== undefined && slowMs > 0 && ms >= slowMs

/** With `Server-Timing` (W3C): the whole, then what was waited for, longest first. */
export function withTiming(answer: Answer, call: Timed): Answer {
  const total = (call.answeredAt ?? performance.now()) - call.startedAt
  const parts = [['total', total] as const, ...sorted(call)]
  const header = parts.map(([name, ms]) => `${name};dur=${ms.toFixed(2)}`).join(', ')
  return { ...answer, headers: { ...answer.headers, 'Server-Timing': header } }
}

/** Milliseconds by what was waited for. */
export function printWaits(call: Timed): Record<string, number> {
  return Object.fromEntries(sorted(call).map(([what, ms]) => [what, Math.round(ms * 100) / 100]))
}

const sorted = ({ waits }: Timed) => [...(waits ?? [])].toSorted(([, a], [, b]) => b - a)
