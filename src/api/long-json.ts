/** JSON that may be very long, printed in turns with all other work: a project may have very many files. */
import { jsonType, printJson, toBody, type Envelope } from '#http/reply'
import type { Answer } from '#http/route'
import { inTurns, joinInSteps, type Steps } from '#python/steps'

/** The answer that `json` gives. */
export async function longJson(status: number, envelope: Envelope): Promise<Answer> {
  const body = await printLong(toBody(envelope))
  return { status, headers: { 'Content-Type': jsonType }, body }
}

export const printLong = (value: unknown): Promise<Buffer> => inTurns(printLongJson(value))

/** What `printJson` gives, of plain objects, lists and values; also of a `LongObject`, in the order of its members. */
export function* printLongJson(value: unknown): Steps<Buffer> {
  const chunks: Buffer[] = []
  let text = ''
  for (const piece of write({ value, indent: '', depth: 0 })) {
    text += piece
    if (text.length > CHUNK) {
      chunks.push(Buffer.from(text))
      text = ''
    }
    yield
  }
  chunks.push(Buffer.from(`${text}\n`))
  return yield* joinInSteps(chunks)
}

/** An object of very many members, each of which is made when it is printed. */
export class LongObject {
  readonly members: () => Iterable<readonly [name: string, value: unknown]>

  constructor(members: () => Iterable<readonly [name: string, value: unknown]>) {
    this.members = members
  }
}

const CHUNK = 65_536

interface Part {
  readonly value: unknown
  readonly indent: string
  readonly depth: number
}

/** Nothing that is long lies deeper. */
const DEEPEST = 10
/** So many values are printed in no time. */
const SHORT = 60

function* write({ value, indent, depth }: Part): Generator<string> {
  if (depth === DEEPEST || !isContainer(value) || isShort(value)) {
    return yield printJson(value).trimEnd().replaceAll('\n', `\n${indent}`)
  }
  const isList = Array.isArray(value)
  const inner = `${indent}  `
  let before = isList ? '[' : '{'
  const members = value instanceof LongObject ? value.members() : Object.entries(value)
  for (const [name, member] of members) {
    if (member === undefined && !isList) continue
    yield `${before}\n${inner}${isList ? '' : `${printJson(name).trimEnd()}: `}`
    yield* write({ value: member, indent: inner, depth: depth + 1 })
    before = ','
  }
  // All members of an object may be undefined.
  yield before === ',' ? `\n${indent}${isList ? ']' : '}'}` : `${before}}`
}

const isShort = (value: object): boolean => countValues(value, SHORT) < SHORT

const isContainer = (value: unknown): value is object => typeof value === 'object' && value !== null

/** All values in it and below; no more than `most` are counted, and so many are in a `LongObject`. */
function countValues(value: object, most: number): number {
  if (value instanceof LongObject) return most
  let count = 0
  for (const name in value) {
    const member: unknown = value[name as keyof typeof value]
    count += 1 + (isContainer(member) && count < most ? countValues(member, most - count) : 0)
    if (count >= most) return most
  }
  return count
}
