/**
 * Follows the ledger from the serial it saw last, and brings into the search index what has changed. Its index can be
 * thrown away: then it walks through all projects once, and follows from there. One process at a time does this.
 */
import type { Clock } from '#base/clock'
import type { Ledger } from '#ledger/ledger'
import { keys } from '#registry/keys'
import type { ProjectPlace, Progress, SearchWriter, Stored } from './backend.ts'
import { findProjectSource, readDocuments, type Extracting } from './documents.ts'
import { changedIn } from './changed.ts'
import { bringNames, type NameSources } from './names.ts'

export interface IndexerNeeds extends Extracting {
  readonly ledger: Ledger
  readonly writer: SearchWriter
  readonly names: NameSources
  readonly clock: Clock
  /** Names this process, and no other. */
  readonly holder: string
  readonly onFailure: (failure: IndexingFailure) => void
  /** Called between small pieces of work; may take its time. */
  readonly pause?: () => Promise<void>
}

export interface IndexingFailure {
  readonly place: ProjectPlace
  readonly error: unknown
}

/** How long the right to write lasts when it is not kept. */
export const LEASE_MS = 30_000

/** Projects that are stored together, and characters of text after which it is enough. */
const BATCH = 50
const BATCH_CHARACTERS = 4_000_000
/** Changes that are looked at before what they changed is stored. */
const CHANGES = 500
const REMOVED_AT_ONCE = 2000

export class Indexer {
  readonly #needs: IndexerNeeds
  readonly #signal: AbortSignal

  /** Ends at the next pause once the signal says so. */
  constructor(needs: IndexerNeeds, signal: AbortSignal) {
    this.#needs = needs
    this.#signal = signal
  }

  /** Brings in all there is; false where another process does that. */
  async catchUp(): Promise<boolean> {
    if (!(await this.#hasLease())) return false
    const { ledger, writer, names } = this.#needs
    await ledger.catchUp()
    if (await writer.isRebuildWanted()) await this.#beginRebuild()
    const progress = (await this.#soundProgress()) ?? (await this.#beginWalk())
    const isNew = progress.walk !== undefined
    if (isNew) await this.#walk(progress)
    await this.#follow()
    const hasManyNames = await bringNames(names, writer, () => this.#rest())
    if (isNew || hasManyNames) await this.#tidy()
    return true
  }

  /** Tries again what could not be read. */
  async retry(): Promise<void> {
    if (!(await this.#hasLease())) return
    await this.#bring(await this.#needs.writer.listOwed())
  }

  async #hasLease(): Promise<boolean> {
    const { writer, holder, clock } = this.#needs
    const now = clock.now()
    return writer.lease(holder, now, now + LEASE_MS)
  }

  /** Lets others have the processor, and keeps the right to write. */
  async #rest(): Promise<void> {
    await this.#needs.pause?.()
    this.#signal.throwIfAborted()
    if (!(await this.#hasLease())) throw new Error('another process writes the search index now')
  }

  /** Undefined where the index is empty, or follows another ledger: one that was put back, say. */
  async #soundProgress(): Promise<Progress | undefined> {
    const { ledger, writer } = this.#needs
    const progress = await writer.progress()
    if (!progress || progress.serial > ledger.serial) return undefined
    return (await this.#hashOf(progress.serial)) === progress.hash ? progress : undefined
  }

  /** From now on changes are followed; what was there before is walked through. */
  async #beginWalk(): Promise<Progress> {
    const { serial } = this.#needs.ledger
    const progress = { serial, hash: await this.#hashOf(serial), walk: '' }
    await this.#needs.writer.store({ progress })
    return progress
  }

  async #beginRebuild(): Promise<void> {
    await this.#needs.writer.forgetRebuild()
    await this.#beginWalk()
  }

  async #hashOf(serial: number): Promise<string> {
    return (await this.#needs.ledger.change(serial))?.hash ?? ''
  }

  /** All projects in order, beginning behind the one that was done last. */
  async #walk(progress: Progress): Promise<void> {
    const { ledger, writer } = this.#needs
    const indexes = await ledger.read((tx) => tx.listNames(keys.indexes()))
    const [afterIndex, afterProject] = splitWalk(progress.walk ?? '')
    for (const index of indexes.toSorted()) {
      if (index < afterIndex) continue
      let after = index === afterIndex ? afterProject : ''
      for (;;) {
        const projects = await this.#nextProjects(index, after)
        const last = projects.at(-1)
        if (last === undefined) break
        const places = projects.map((project) => ({ index, project }))
        await this.#bring(places, { ...progress, walk: `${index}/${last}` })
        after = last
      }
    }
    const present = new Set(indexes)
    for (const index of await writer.listIndexes()) {
      if (!present.has(index)) await this.#removeIndex(index)
    }
    await writer.store({ progress: { ...progress, walk: undefined } })
  }

  async #tidy(): Promise<void> {
    const { writer } = this.#needs
    let isMore = await writer.tidy('begin')
    while (isMore) {
      await this.#rest()
      isMore = await writer.tidy('go on')
    }
  }

  /** Of the ledger and of the search index: what only this one has is removed. */
  async #nextProjects(index: string, after: string): Promise<string[]> {
    const { ledger, writer } = this.#needs
    const range = keys.projects(index)
    const page =
      after === '' ? { limit: BATCH } : { after: `${range.prefix}${after}`, limit: BATCH }
    const there = await ledger.read((tx) => tx.listNames(range, page))
    const here = await writer.listKnown(index, after, BATCH)
    const both = [...new Set([...there, ...here])].sort()
    return both.slice(0, BATCH)
  }

  async #follow(): Promise<void> {
    const { ledger, writer } = this.#needs
    for (;;) {
      await ledger.catchUp()
      const progress = await writer.progress()
      if (!progress || progress.serial >= ledger.serial) return
      const last = Math.min(progress.serial + CHANGES, ledger.serial)
      const { projects, indexes } = await changedIn(ledger, progress.serial + 1, last)
      for (const index of indexes) await this.#followIndex(index)
      await this.#bring(projects)
      await writer.store({
        progress: { ...progress, serial: last, hash: await this.#hashOf(last) },
      })
      await this.#rest()
    }
  }

  async #followIndex(index: string): Promise<void> {
    const isThere = await this.#needs.ledger.read((tx) => tx.get(keys.index(index)))
    if (!isThere) await this.#removeIndex(index)
  }

  async #removeIndex(index: string): Promise<void> {
    while (await this.#needs.writer.removeSome(index, REMOVED_AT_ONCE)) await this.#rest()
  }

  /** Reads projects as they are now and stores them, in portions; the last one with the progress. */
  async #bring(places: readonly ProjectPlace[], progress?: Progress): Promise<void> {
    let portion = new Portion()
    for (const place of places) {
      await this.#read(place, portion)
      if (portion.isFull) {
        await this.#needs.writer.store(portion.changes())
        portion = new Portion()
        await this.#rest()
      }
    }
    await this.#needs.writer.store(portion.changes(progress))
    await this.#rest()
  }

  async #read(place: ProjectPlace, portion: Portion): Promise<void> {
    const { ledger, onFailure } = this.#needs
    try {
      const source = await ledger.read((tx) => findProjectSource(tx, place))
      if (!source) portion.remove.push(place)
      else portion.add(await readDocuments(source, this.#needs))
    } catch (error) {
      onFailure({ place, error })
      portion.owe.push(place)
    }
  }
}

type Documented = Awaited<ReturnType<typeof readDocuments>>

/** What is stored in one go. */
class Portion {
  readonly put: Documented[] = []
  readonly remove: ProjectPlace[] = []
  readonly owe: ProjectPlace[] = []
  #characters = 0

  add(project: Documented): void {
    this.put.push(project)
    for (const { text } of project.documents) this.#characters += text.length
  }

  changes(progress?: Progress): Stored {
    const { put, remove, owe } = this
    return { put, remove, owe, ...(progress && { progress }) }
  }

  get isFull(): boolean {
    return this.#characters > BATCH_CHARACTERS || this.put.length + this.remove.length >= BATCH
  }
}

function splitWalk(walk: string): [index: string, project: string] {
  const [user = '', index = '', project = ''] = walk.split('/')
  return [walk === '' ? '' : `${user}/${index}`, project]
}
