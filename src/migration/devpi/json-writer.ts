/** A JSON file written piece by piece, however large it becomes. */
import type { FileHandle } from 'node:fs/promises'

/** Characters that are gathered before they are written. */
const BATCH = 256 * 1024

export class JsonWriter {
  readonly #file: FileHandle
  /** The end of each object or list that is open, and whether it has members. */
  readonly #open: { readonly end: '}' | ']'; hasMembers: boolean }[] = []
  #text = ''

  constructor(file: FileHandle) {
    this.#file = file
  }

  /** An object, under a key unless it is in a list or the whole. */
  async open(key?: string): Promise<void> {
    await this.#write(`${this.#begin(key)}{`)
    this.#open.push({ end: '}', hasMembers: false })
  }

  async openList(key: string): Promise<void> {
    await this.#write(`${this.#begin(key)}[`)
    this.#open.push({ end: ']', hasMembers: false })
  }

  value(key: string, value: unknown): Promise<void> {
    return this.#write(this.#begin(key) + JSON.stringify(value))
  }

  /** Of a list. */
  member(value: unknown): Promise<void> {
    return this.#write(this.#begin(undefined) + JSON.stringify(value))
  }

  async close(): Promise<void> {
    const closed = this.#open.pop()
    await this.#write(`\n${' '.repeat(this.#open.length)}${closed?.end}`)
  }

  async flush(): Promise<void> {
    await this.#file.write(this.#text)
    this.#text = ''
  }

  #begin(key: string | undefined): string {
    const outer = this.#open.at(-1)
    if (!outer) return ''
    const comma = outer.hasMembers ? ',' : ''
    outer.hasMembers = true
    const name = key === undefined ? '' : `${JSON.stringify(key)}: `
    return `${comma}\n${' '.repeat(this.#open.length)}${name}`
  }

  async #write(text: string): Promise<void> {
    this.#text += text
    if (this.#text.length >= BATCH) await this.flush()
  }
}
