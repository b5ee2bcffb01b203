/**
 * Names that only upstreams have: their lists lie sorted on disk, and are compared with what is indexed in one pass, a
 * portion at a time. Nothing holds a whole list.
 */
import type { ProjectName } from '#python/name'
import type { IndexName } from '#registry/indexes'
import type { SearchWriter } from './backend.ts'

/** The lists that are here. */
export interface NameSources {
  list(): Promise<readonly NameSource[]>
}

export interface NameSource {
  readonly index: IndexName
  /** Changes with the names. */
  readonly token: string
  /** In order, some at a time. Throws where the list has been replaced meanwhile. */
  batches(): AsyncIterable<readonly ProjectName[]>
}

const PORTION = 20_000

/** Makes each list searchable that is not yet; true where that was much. One that went away stays, until its index goes. */
export async function bringNames(
  sources: NameSources,
  writer: SearchWriter,
  rest: () => Promise<void>,
): Promise<boolean> {
  let changed = 0
  for (const source of await sources.list()) {
    if ((await writer.namesToken(source.index)) === source.token) continue
    changed += await bringList(source, writer, rest)
    await writer.setNamesToken(source.index, source.token)
  }
  return changed >= PORTION
}

/** Tells how many names came or went. What was brought in already when this was broken off need not be again. */
async function bringList(
  source: NameSource,
  writer: SearchWriter,
  rest: () => Promise<void>,
): Promise<number> {
  const { index } = source
  const present = new Present(index, writer)
  let added: ProjectName[] = []
  let removed: ProjectName[] = []
  let changed = 0
  const flush = async (): Promise<void> => {
    if (added.length > 0) await writer.addNames(index, added)
    if (removed.length > 0) await writer.removeNames(index, removed)
    changed += added.length + removed.length
    added = []
    removed = []
    await rest()
  }
  for await (const names of source.batches()) {
    for (const name of names) {
      let known = present.isAhead ? present.next : await present.load()
      while (known !== undefined && known < name) {
        removed.push(known)
        known = await present.advance()
      }
      if (known === name) await present.advance()
      else added.push(name)
    }
    if (added.length + removed.length >= PORTION) await flush()
  }
  for (let known = await present.load(); known !== undefined; known = await present.advance()) {
    removed.push(known)
    if (removed.length >= PORTION) await flush()
  }
  await flush()
  return changed
}

/** The names that are indexed, in order. What is added meanwhile lies before those that are still to come. */
class Present {
  readonly #index: IndexName
  readonly #writer: SearchWriter
  #names: readonly ProjectName[] = []
  #at = 0
  #last = ''
  #isAtEnd = false

  constructor(index: IndexName, writer: SearchWriter) {
    this.#index = index
    this.#writer = writer
  }

  /** Whether `next` is known without asking. */
  get isAhead(): boolean {
    return this.#at < this.#names.length || this.#isAtEnd
  }

  get next(): ProjectName | undefined {
    return this.#names[this.#at]
  }

  async advance(): Promise<ProjectName | undefined> {
    this.#at++
    return this.load()
  }

  async load(): Promise<ProjectName | undefined> {
    if (!this.isAhead) {
      this.#names = await this.#writer.listListed(this.#index, this.#last, PORTION)
      this.#at = 0
      this.#last = this.#names.at(-1) ?? this.#last
      this.#isAtEnd = this.#names.length < PORTION
    }
    return this.next
  }
}
