/** JSON that clients attach to users and indexes as they like, within bounds. */

/** Completes the sentence "it must be …"; undefined for a value that may be stored. `limit`: characters. */
export function jsonProblem(value: unknown, limit: number): string | undefined {
  if (JSON.stringify(value).length > limit) return `at most ${limit} characters long`
  return isFinite(value) ? undefined : 'made of numbers that are not too large'
}

/** 1e999 is good JSON and reads as infinite, which JSON has no word for. */
function isFinite(value: unknown): boolean {
  if (typeof value === 'number') return Number.isFinite(value)
  if (typeof value !== 'object' || value === null) return true
  return Object.values(value).every(isFinite)
}
