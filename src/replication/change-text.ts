/**
 * A change as text, for the wire: a JSON line `[format, serial, at, actor, epoch, hash]`, then its entries as they
 * are hashed, a line each.
 */
import { entryLine, type Change, type ChangedEntry } from '#ledger/change'

/** Whoever sent it is no server of this kind, or something in between has altered it. */
export class WireProblem extends Error {
  readonly problem: string

  constructor(problem: string) {
    super(`what came is no stream of changes: ${problem}`)
    this.name = 'WireProblem'
    this.problem = problem
  }
}

export function printChange({ format, serial, at, actor, epoch, hash, entries }: Change): string {
  const head = `${JSON.stringify([format, serial, at, actor, epoch, hash])}\n`
  return head + entries.map(entryLine).join('')
}

/** Says nothing of whether the change is a good one: taking it over finds that out. */
export function parseChange(text: string): Change {
  const lineEnd = text.indexOf('\n')
  const head = parseLine(text.slice(0, lineEnd))
  if (!isHead(head)) throw new WireProblem('a change begins with another line than one should')
  const [format, serial, at, actor, epoch, hash] = head
  return { format, serial, at, actor, epoch, hash, entries: parseEntries(text, lineEnd + 1) }
}

function parseEntries(text: string, from: number): ChangedEntry[] {
  const entries: ChangedEntry[] = []
  for (let start = from; start < text.length;) {
    const tab = text.indexOf('\t', start)
    const end = text.indexOf('\n', start)
    const path = tab < end ? parseLine(text.slice(start, tab)) : undefined
    if (typeof path !== 'string') throw new WireProblem('a change has a line that is no entry')
    const value = text.slice(tab + 1, end)
    entries.push({ path, value: value === '-' ? null : value })
    start = end + 1
  }
  return entries
}

type Head = [number, number, number, string, number, string]

function isHead(value: unknown): value is Head {
  if (!Array.isArray(value) || value.length !== 6) return false
  const kinds = ['number', 'number', 'number', 'string', 'number', 'string']
  return kinds.every((kind, place) => typeof value[place] === kind)
}

function parseLine(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}
