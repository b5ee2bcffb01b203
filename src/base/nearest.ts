/** "Did you mean …": the known name that a mistyped one is closest to. */

/** Undefined where none is close: at most two letters off, and at most a third of them. */
export function findNearest(text: string, names: readonly string[]): string | undefined {
  const limit = Math.min(2, Math.floor(text.length / 3))
  let best: { name: string; distance: number } | undefined
  for (const name of names) {
    const distance = editDistance(text, name, limit)
    if (distance <= limit && distance < (best?.distance ?? Infinity)) best = { name, distance }
  }
  return best?.name
}

/** Letters to add, drop, replace or swap with their neighbour; Infinity for more than `limit`, as soon as that is known. */
function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return Infinity
  let beforeLast: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, column) => column)
  let row: number[] = []
  for (let i = 1; i <= a.length; i++) {
    const letter = a.charCodeAt(i - 1)
    let least = i
    row[0] = i
    for (let j = 1; j <= b.length; j++) {
      const other = b.charCodeAt(j - 1)
      let steps = last[j - 1]! + (letter === other ? 0 : 1)
      steps = Math.min(steps, row[j - 1]! + 1, last[j]! + 1)
      const isSwapped =
        i > 1 && j > 1 && letter === b.charCodeAt(j - 2) && a.charCodeAt(i - 2) === other
      if (isSwapped) steps = Math.min(steps, beforeLast[j - 2]! + 1)
      row[j] = steps
      if (steps < least) least = steps
    }
    // Each row's least is at most one above that of the row before, so no swap leads back below the limit.
    if (least > limit) return Infinity
    const used = beforeLast
    beforeLast = last
    last = row
    row = used
  }
  return last[b.length]!
}
