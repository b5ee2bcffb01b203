/** How work for an upstream ended in one process of the server, as the others hear of it. */
import { UpstreamFailure } from '#base/failure'
import type { Told } from '#base/crew'

/** Of a failure, what may be shown. */
interface ToldFailure {
  readonly failure: { readonly message: string; readonly status?: number | undefined }
}

/** Undefined where another process may well fare better. */
export function tellFailure(error: unknown): ToldFailure | undefined {
  if (!(error instanceof UpstreamFailure) || isOurs(error)) return undefined
  const { message, status } = error
  return { failure: { message, status } }
}

/** This process stops: its work was broken off from here. */
const isOurs = ({ cause }: UpstreamFailure): boolean =>
  cause instanceof Error && cause.name === 'AbortError'

/** Throws the failure, if it is one. */
export function throwTold(outcome: Told): void {
  const { failure } = outcome as Partial<ToldFailure>
  if (failure) throw new UpstreamFailure(failure.message, { ...statusOf(failure) })
}

const statusOf = ({ status }: ToldFailure['failure']): { status?: number } =>
  status === undefined ? {} : { status }
