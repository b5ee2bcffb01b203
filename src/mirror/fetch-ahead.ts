/**
 * Fetches wheels before they are asked for, once a client has begun to fetch what it has resolved: an installer that reads the
 * metadata of a wheel, and later fetches one of those wheels, fetches the others next, some of them one after the other.
 */
import { LRUCache } from 'lru-cache'
import type { Log } from '#base/log'
import type { ProjectName } from '#python/name'
import { logNotAhead } from './ahead-failure.ts'
import type { Background } from './background.ts'
import type { Downloads, Wanted } from './download.ts'

export interface FetchAheadNeeds {
  readonly downloads: Pick<Downloads, 'isHere' | 'keep'>
  readonly background: Background
  readonly log: Log
  readonly isOn: boolean
}

/** One who reads metadata and fetches wheels: any text that is another for others. */
export type Reader = string

/** Wheels that are fetched, or were, and that nobody has asked for yet. What a client that goes away has cost upstream for nothing. */
const MOST_AHEAD = 3
/** Whoever resolves reads less metadata, and is done with it sooner. */
const MOST_WHEELS = 500
const MOST_READERS = 100
const REMEMBERED_MS = 120_000

interface Errand {
  readonly wanted: Wanted
  isBegun: boolean
}

/** What one reader does on one index. */
interface Run {
  /** A resolver that reads of several versions takes the last. */
  readonly errands: Map<ProjectName, Errand>
  /** It fetches wheels now, of which some were not here. */
  isFetching: boolean
}

export class FetchAhead {
  readonly #needs: FetchAheadNeeds
  readonly #runs = new LRUCache<string, Run>({ max: MOST_READERS, ttl: REMEMBERED_MS })

  constructor(needs: FetchAheadNeeds) {
    this.#needs = needs
  }

  /** Somebody was told the metadata of a wheel. */
  noteMetadata(reader: Reader, wanted: Wanted): void {
    if (!this.#needs.isOn) return
    const key = keyOf(reader, wanted)
    const run = this.#runs.get(key) ?? {
      errands: new Map<ProjectName, Errand>(),
      isFetching: false,
    }
    this.#runs.set(key, run)
    run.isFetching = false
    run.errands.delete(wanted.project)
    if (run.errands.size < MOST_WHEELS) {
      run.errands.set(wanted.project, { wanted, isBegun: false })
    }
  }

  /** Somebody fetches a file. Nobody waits for what is done then, and it never fails. */
  noteFile(reader: Reader, wanted: Wanted, { isHere }: { readonly isHere: boolean }): void {
    const run = this.#runs.get(keyOf(reader, wanted))
    if (run?.errands.get(wanted.project)?.wanted.filename !== wanted.filename) return
    run.errands.delete(wanted.project)
    run.isFetching ||= !isHere
    if (!run.isFetching) return
    let ahead = 0
    for (const errand of run.errands.values()) {
      if (++ahead > MOST_AHEAD) return
      if (errand.isBegun) continue
      errand.isBegun = true
      void this.#needs.background.add(this.#fetch(errand.wanted))
    }
  }

  async #fetch(wanted: Wanted): Promise<void> {
    const { downloads, log } = this.#needs
    try {
      if (!(await downloads.isHere(wanted))) await downloads.keep(wanted)
    } catch (error) {
      const { index, filename } = wanted
      const message = 'a file was not fetched ahead: it will be when it is asked for'
      logNotAhead(log, error, { message, fields: { index, filename }, level: 'debug' })
    }
  }
}

const keyOf = (reader: Reader, { index }: Wanted): string => `${index} ${reader}`
