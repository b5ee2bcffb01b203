/** What a mirrored wheel says of itself, read once and kept: pages show it, and don't wait for it long. */
import { LRUCache } from 'lru-cache'
import type { Log } from '#base/log'
import { SingleFlight } from '#base/single-flight'
import type { Mirrors } from '#mirror/mirrors'
import { parseMetadata } from '#python/metadata'
import type { ProjectName } from '#python/name'
import { bestHash } from '#registry/file-path'
import type { Link } from '#registry/links'
import { readCoreMetadata, type GivenMetadata } from '#registry/releases'

/** Bytes, of descriptions mostly. */
const KEPT_BYTES = 16 * 1024 * 1024
/** What upstream has not told by then, the next reader of the page is told. */
const WAIT_MS = 2000

export class MirroredMetadata {
  readonly #mirrors: Mirrors
  readonly #log: Log
  readonly #kept = new LRUCache<string, GivenMetadata>({
    maxSize: KEPT_BYTES,
    sizeCalculation: (metadata) => JSON.stringify(metadata).length + 100,
  })
  readonly #reading = new SingleFlight<string, GivenMetadata | undefined>()

  constructor({ mirrors, log }: { readonly mirrors: Mirrors; readonly log: Log }) {
    this.#mirrors = mirrors
    this.#log = log
  }

  /** Of the first wheel that may tell; undefined where there is none, `late` where it takes too long. */
  async find(
    project: ProjectName,
    links: readonly Link[],
  ): Promise<GivenMetadata | 'late' | undefined> {
    const wheel = links.find(
      ({ filename, file }) => file.upstream && filename.endsWith('.whl') && file.metadata !== false,
    )
    if (!wheel) return undefined
    const name = `${wheel.index} ${wheel.filename} ${bestHash(wheel.file)}`
    const kept = this.#kept.get(name)
    if (kept) return kept
    const reading = this.#reading.run(name, () => this.#read(name, project, wheel))
    return withinTime(reading, WAIT_MS)
  }

  async #read(
    name: string,
    project: ProjectName,
    { index, filename, file }: Link,
  ): Promise<GivenMetadata | undefined> {
    try {
      const bytes = await this.#mirrors.openMetadata(index, project, filename, file)
      if (!bytes) return undefined
      const metadata = readCoreMetadata(parseMetadata(bytes))
      this.#kept.set(name, metadata)
      return metadata
    } catch (error) {
      // The page has less to show; whoever installs is told.
      this.#log.info({ error, filename }, 'the metadata of a mirrored wheel is not to be had')
      return undefined
    }
  }
}

async function withinTime<T>(work: Promise<T>, ms: number): Promise<T | 'late'> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(() => resolve('late'), ms)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
