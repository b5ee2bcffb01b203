/** What a mirrored wheel says of itself, read once and kept: pages show it, and don't wait for it long. */
import { LRUCache } from 'lru-cache'
import { buffer } from 'node:stream/consumers'
import type { Log } from '#base/log'
import { SingleFlight } from '#base/single-flight'
import type { BlobStore } from '#blobs/blob-store'
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

interface Needs {
  readonly mirrors: Mirrors
  readonly blobs: BlobStore
  readonly log: Log
}

export class MirroredMetadata {
  readonly #mirrors: Mirrors
  readonly #blobs: BlobStore
  readonly #log: Log
  readonly #kept = new LRUCache<string, GivenMetadata>({
    maxSize: KEPT_BYTES,
    sizeCalculation: (metadata) => JSON.stringify(metadata).length + 100,
  })
  readonly #reading = new SingleFlight<string, GivenMetadata | undefined>()

  constructor({ mirrors, blobs, log }: Needs) {
    this.#mirrors = mirrors
    this.#blobs = blobs
    this.#log = log
  }

  /** Of the first wheel that may tell; undefined where there is none, `late` where it takes too long. */
  async find(
    project: ProjectName,
    links: readonly Link[],
  ): Promise<GivenMetadata | 'late' | undefined> {
    const wheel = links.find(mayTell)
    if (!wheel) return undefined
    const name = nameOf(wheel)
    const kept = this.#kept.get(name)
    if (kept) return kept
    const reading = this.#reading.run(name, () => this.#read(name, project, wheel))
    return withinTime(reading, WAIT_MS)
  }

  /** The summary of a release, if it lies here already; empty where it does not. */
  async summaryHere(links: readonly Link[]): Promise<string> {
    const wheel = links.find(mayTell)
    const { summary } = (wheel && (await this.#findHere(wheel))) ?? {}
    return typeof summary === 'string' ? summary : ''
  }

  async #findHere(wheel: Link): Promise<GivenMetadata | undefined> {
    const kept = this.#kept.get(nameOf(wheel))
    const { metadata: digest } = wheel.file
    if (kept || typeof digest !== 'string') return kept
    const blob = await this.#blobs.open(digest)
    return blob && readCoreMetadata(parseMetadata(await buffer(blob.stream)))
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

const mayTell = ({ filename, file }: Link): boolean =>
  file.upstream !== undefined && filename.endsWith('.whl') && file.metadata !== false

const nameOf = ({ index, filename, file }: Link): string => `${index} ${filename} ${bestHash(file)}`

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
