/** "Did you mean …": the known name that a mistyped one is closest to. */

/** Undefined where none is close: at most two letters off, and at most a third of them. */
export function findNearest(text: string, names: readonly string[]): string | undefined {
  const limit = Math.min(2, Math.floor(text.length / 3))
  let best: { name: string; distance: number } | undefined
  for (const name of names) {
    const distance = editDistance(text, name)
    if (distance <= limit && distance < (best?.distance ?? Infinity)) best = { name, distance }
  }
  return best?.name
}

/** Letters to add, drop, replace or swap with their neighbour. */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, column) => column)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1]
      const steps = [row[j - 1]! + 1, last[j]! + 1, last[j - 1]! + (same ? 0 : 1)]
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      if (swapped) steps.push(beforeLast[j - 2]! + 1)
      row.push(Math.min(...steps))
    }
    beforeLast = last
    last = row
  }
  return last[b.length]!
}
