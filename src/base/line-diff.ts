/** Differences of two texts by lines (Myers, 1986), bounded: texts that differ too much are told as one replaced by the other. */

export interface DiffLine {
  readonly kind: 'same' | 'removed' | 'added'
  readonly text: string
}

/** Some lines that differ, with those around them. */
export interface Hunk {
  /** From 1. */
  readonly oldStart: number
  readonly newStart: number
  readonly lines: readonly DiffLine[]
}

export interface LineDiff {
  readonly hunks: readonly Hunk[]
  readonly added: number
  readonly removed: number
  /** Whether there is more than the hunks show. */
  readonly isCut: boolean
}

export const diffLimits = {
  /** Edits that are looked for: the work grows with them times the lines. */
  edits: 1000,
  /** Lines of either text. */
  lines: 20_000,
  /** Lines that are shown, of all hunks. */
  shown: 5000,
} as const

const CONTEXT = 3

export function diffLines(before: readonly string[], after: readonly string[]): LineDiff {
  const from = before.slice(0, diffLimits.lines)
  const to = after.slice(0, diffLimits.lines)
  const isLeftOut = from.length < before.length || to.length < after.length
  const script = compare(from, to)
  const added = script.filter(({ kind }) => kind === 'added').length
  const removed = script.filter(({ kind }) => kind === 'removed').length
  const { hunks, isCut } = gather(script)
  return { hunks, added, removed, isCut: isCut || isLeftOut }
}

/** Both texts from beginning to end. */
function compare(from: readonly string[], to: readonly string[]): DiffLine[] {
  const shorter = Math.min(from.length, to.length)
  let start = 0
  while (start < shorter && from[start] === to[start]) start++
  let end = 0
  while (end < shorter - start && from.at(-1 - end) === to.at(-1 - end)) end++

  const oldMiddle = from.slice(start, from.length - end)
  const newMiddle = to.slice(start, to.length - end)
  return [
    ...from.slice(0, start).map((text) => same(text)),
    ...(edit(oldMiddle, newMiddle) ?? replace(oldMiddle, newMiddle)),
    ...from.slice(from.length - end).map((text) => same(text)),
  ]
}

const same = (text: string): DiffLine => ({ kind: 'same', text })

function replace(from: readonly string[], to: readonly string[]): DiffLine[] {
  return [
    ...from.map((text) => ({ kind: 'removed', text }) as const),
    ...to.map((text) => ({ kind: 'added', text }) as const),
  ]
}

/** The shortest way from one to the other; undefined where it has too many edits. */
function edit(from: readonly string[], to: readonly string[]): DiffLine[] | undefined {
  const rounds = findRounds(numbered(from, to))
  return rounds && retrace(rounds, from, to)
}

/** Lines as numbers, equal ones with the same: they are compared very often. */
function numbered(from: readonly string[], to: readonly string[]): [Int32Array, Int32Array] {
  const numbers = new Map<string, number>()
  const number = (line: string): number => {
    const known = numbers.get(line)
    if (known !== undefined) return known
    numbers.set(line, numbers.size)
    return numbers.size - 1
  }
  return [Int32Array.from(from, number), Int32Array.from(to, number)]
}

/** Per number of edits the furthest line of `from` on each diagonal, diagonal -edits first. */
function findRounds([from, to]: [Int32Array, Int32Array]): Int32Array[] | undefined {
  const most = Math.min(from.length + to.length, diffLimits.edits)
  const rounds: Int32Array[] = []
  for (let edits = 0; edits <= most; edits++) {
    const previous = rounds.at(-1)
    const furthest = new Int32Array(2 * edits + 1)
    rounds.push(furthest)
    for (let diagonal = -edits; diagonal <= edits; diagonal += 2) {
      let x = previous ? step(previous, edits, diagonal).x : 0
      while (
        x < from.length &&
        x - diagonal < to.length &&
        x >= diagonal &&
        from[x] === to[x - diagonal]
      ) {
        x++
      }
      furthest[diagonal + edits] = x
      if (x >= from.length && x - diagonal >= to.length) return rounds
    }
  }
  return undefined
}

/** How a diagonal is reached best from those beside it, with one edit less. */
function step(
  previous: Int32Array,
  edits: number,
  diagonal: number,
): { readonly x: number; readonly from: number } {
  const at = diagonal + edits - 1 // of the same diagonal in the round before
  const below = diagonal > -edits ? previous[at - 1]! + 1 : -1
  const above = diagonal < edits ? previous[at + 1]! : -1
  return below > above ? { x: below, from: diagonal - 1 } : { x: above, from: diagonal + 1 }
}

function retrace(
  rounds: readonly Int32Array[],
  from: readonly string[],
  to: readonly string[],
): DiffLine[] {
  const lines: DiffLine[] = []
  let x = from.length
  let diagonal = x - to.length
  for (let edits = rounds.length - 1; edits > 0; edits--) {
    const came = step(rounds[edits - 1]!, edits, diagonal)
    while (x > came.x) lines.push(same(from[--x]!))
    if (came.from < diagonal) lines.push({ kind: 'removed', text: from[--x]! })
    else lines.push({ kind: 'added', text: to[x - diagonal - 1]! })
    diagonal = came.from
  }
  while (x > 0) lines.push(same(from[--x]!))
  return lines.reverse()
}

function gather(script: readonly DiffLine[]): { hunks: Hunk[]; isCut: boolean } {
  const hunks: Hunk[] = []
  let shown = 0
  let oldLine = 1
  let newLine = 1
  let at = 0
  for (const { start, end } of spans(script)) {
    for (; at < start; at++, oldLine++, newLine++);
    const lines = script.slice(start, Math.min(end, start + diffLimits.shown - shown))
    hunks.push({ oldStart: oldLine, newStart: newLine, lines })
    shown += lines.length
    if (lines.length < end - start || shown >= diffLimits.shown) {
      return { hunks, isCut: script.slice(start + lines.length).some(isEdit) }
    }
    for (; at < end; at++) {
      if (script[at]!.kind !== 'added') oldLine++
      if (script[at]!.kind !== 'removed') newLine++
    }
  }
  return { hunks, isCut: false }
}

const isEdit = ({ kind }: DiffLine): boolean => kind !== 'same'

/** Where hunks stand in the script: all edits with the lines around them, joined where these meet. */
function spans(script: readonly DiffLine[]): { start: number; end: number }[] {
  const found: { start: number; end: number }[] = []
  for (const [at, line] of script.entries()) {
    if (!isEdit(line)) continue
    const last = found.at(-1)
    const end = Math.min(at + 1 + CONTEXT, script.length)
    if (last && at - CONTEXT <= last.end) last.end = end
    else found.push({ start: Math.max(at - CONTEXT, 0), end })
  }
  return found
}
