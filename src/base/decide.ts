/** Hook points of the kind that decides: each hook may have an opinion, and the first one counts. */
import type { Log } from './log.ts'

export interface Decision<Opinion> {
  /** What counts where a hook fails: nothing is allowed by accident. */
  readonly refused: Opinion
  readonly log: Log
}

/** Asks the hooks in their order. Undefined: none has an opinion. */
export async function decide<Question, Opinion>(
  hooks: readonly ((question: Question) => Promise<Opinion | undefined>)[],
  question: Question,
  { refused, log }: Decision<Opinion>,
): Promise<Opinion | undefined> {
  for (const hook of hooks) {
    try {
      const opinion = await hook(question)
      if (opinion !== undefined) return opinion
    } catch (error) {
      log.error({ error }, 'a hook that decides failed, which counts as a refusal')
      return refused
    }
  }
  return undefined
}
