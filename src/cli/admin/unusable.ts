/** What is wrong with a folder that is to be taken over, in lines for the person at the terminal. */
import type { Problem } from '#migration/problems'
import { Unusable } from '#migration/problems'
import { CommandFailed } from '../failure.ts'
import type { Output } from '../world.ts'

/** Runs `work`; prints the problems of what cannot be used, and says that nothing was changed. */
export async function tellingProblems<T>(stderr: Output, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof Unusable)) throw error
    printProblems(stderr, error.problems, error.count)
    throw new CommandFailed(`${error.message} Nothing was changed.`)
  }
}

/** `count`: of all problems, also those that are not listed. */
export function printProblems(stderr: Output, problems: readonly Problem[], count: number): void {
  for (const { what, reason } of problems)
    stderr.write(`${printable(what)}: ${printable(reason)}\n`)
  if (count > problems.length) stderr.write(`… and ${count - problems.length} more\n`)
}

export function printNotes(stderr: Output, notes: readonly string[]): void {
  for (const note of notes) stderr.write(`Note: ${printable(note)}\n`)
}

/** Others wrote some of what is printed, which must not steer a terminal. */
const printable = (text: string): string => text.replaceAll(/\p{Cc}/gu, ' ')
