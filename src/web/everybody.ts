/** What is open to everybody: who is logged in is told what is not. */
import { anonymous } from '#base/identity'
import type { Call } from '#http/route'
import type { MayRead, Reading } from '#registry/reading'

/** Undefined: all that is on the page. Who is not logged in sees nothing else anyway. */
export async function everybodyReads(
  reading: Reading,
  { who }: Call,
): Promise<MayRead | undefined> {
  return who.user === undefined ? undefined : reading.seenBy(anonymous)
}
