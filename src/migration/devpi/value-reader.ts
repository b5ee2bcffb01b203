/**
 * Reads values out of a stream of execnet's opcodes, as devpi serializes them (devpi-replication, section 10). Bytes come
 * in any portions: what is not whole yet waits for the next.
 */
import { NotDevpi, type PythonValue } from './values.ts'

/** Bytes of one text, and members of one collection: far above what a server has. */
const LARGEST = 512 * 1024 * 1024
const MOST_MEMBERS = 20_000_000

export class ValueReader {
  #stack: PythonValue[] = []
  #parts: Buffer[] = []
  #size = 0
  /** Bytes that the next opcode needs, as far as that is known. */
  #needed = 1

  /** Whether what came so far ends where a value ends. */
  get isBetweenValues(): boolean {
    return this.#size === 0 && this.#stack.length === 0
  }

  /** The values that end in this portion. Throws `NotDevpi`. */
  push(chunk: Buffer): PythonValue[] {
    this.#parts.push(chunk)
    this.#size += chunk.length
    if (this.#size < this.#needed) return []
    const bytes = this.#parts.length === 1 ? chunk : Buffer.concat(this.#parts, this.#size)
    const values: PythonValue[] = []
    let at = 0
    while (at < bytes.length) {
      const length = this.#lengthOf(bytes, at)
      this.#needed = length
      if (at + length > bytes.length) break
      const value = this.#run(bytes, at, length)
      if (value !== undefined) values.push(value)
      at += length
      this.#needed = 1
    }
    const rest = bytes.subarray(at)
    this.#parts = rest.length > 0 ? [rest] : []
    this.#size = rest.length
    return values
  }

  /** Of the opcode with its operand; as much as can be known where the length itself is not here yet. */
  #lengthOf(bytes: Buffer, at: number): number {
    const opcode = String.fromCharCode(bytes[at]!)
    if ('CJLPQR'.includes(opcode)) return 1
    if ('@EFGKO'.includes(opcode)) return 5
    if (opcode === 'D') return 9
    if (opcode === 'T') return 17
    if (!'AHIMNS'.includes(opcode)) throw new NotDevpi(`there is no opcode ${bytes[at]}`)
    if (at + 5 > bytes.length) return 5
    return 5 + count(bytes, at, LARGEST)
  }

  /** The value that the opcode ends, if it ends one. */
  #run(bytes: Buffer, at: number, length: number): PythonValue | undefined {
    const stack = this.#stack
    switch (String.fromCharCode(bytes[at]!)) {
      case '@':
        stack.push(this.#pop(count(bytes, at, MOST_MEMBERS)))
        break
      case 'E':
      case 'O':
        stack.push(new Set(this.#pop(count(bytes, at, MOST_MEMBERS))))
        break
      case 'C':
        stack.push(false)
        break
      case 'R':
        stack.push(true)
        break
      case 'L':
        stack.push(null)
        break
      case 'J':
        stack.push(new Map())
        break
      case 'K':
        stack.push(Array.from({ length: count(bytes, at, MOST_MEMBERS) }, () => null))
        break
      case 'D':
        stack.push(bytes.readDoubleBE(at + 1))
        break
      case 'F':
      case 'G':
        stack.push(bytes.readInt32BE(at + 1))
        break
      case 'H':
      case 'I':
        stack.push(wholeNumber(bytes.toString('latin1', at + 5, at + length)))
        break
      case 'A':
      case 'M':
      case 'N':
      case 'S':
        stack.push(bytes.toString('utf8', at + 5, at + length))
        break
      case 'T':
        stack.push([bytes.readDoubleBE(at + 1), bytes.readDoubleBE(at + 9)])
        break
      case 'P':
        this.#setMember()
        break
      case 'Q':
        return this.#stop()
    }
    return undefined
  }

  #pop(amount: number): PythonValue[] {
    if (amount > this.#stack.length) throw new NotDevpi('a collection has too few members')
    return this.#stack.splice(this.#stack.length - amount)
  }

  #setMember(): void {
    const [name = null, value = null] = this.#pop(2)
    const collection = this.#stack.at(-1)
    if (collection instanceof Map) {
      collection.set(name, value)
    } else if (Array.isArray(collection) && typeof name === 'number' && name in collection) {
      collection[name] = value
    } else {
      throw new NotDevpi('a member belongs to no collection')
    }
  }

  #stop(): PythonValue {
    const [value, ...more] = this.#stack
    if (value === undefined || more.length > 0) throw new NotDevpi('a value does not end well')
    this.#stack = []
    return value
  }
}

/** Reads one whole value. */
export function readValue(bytes: Buffer): PythonValue {
  const reader = new ValueReader()
  const [value, ...more] = reader.push(bytes)
  if (value === undefined || more.length > 0 || !reader.isBetweenValues) {
    throw new NotDevpi('it is not one value')
  }
  return value
}

function count(bytes: Buffer, at: number, most: number): number {
  const length = bytes.readInt32BE(at + 1)
  if (length < 0 || length > most) throw new NotDevpi(`${length} is no length`)
  return length
}

function wholeNumber(digits: string): number | bigint {
  if (!/^-?\d+$/.test(digits)) throw new NotDevpi('a number has no digits')
  const value = Number(digits)
  return Number.isSafeInteger(value) ? value : BigInt(digits)
}
