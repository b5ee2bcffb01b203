/** Mirrors: bring upstream's links into the ledger when ours are old, and its files when they are wanted. */
import { join } from 'node:path'
import type { Clock } from '#base/clock'
import { StorageFailure, UpstreamFailure } from '#base/failure'
import type { Log } from '#base/log'
import { Refusal } from '#base/refusal'
import { SingleFlight } from '#base/single-flight'
import type { BlobStore } from '#blobs/blob-store'
import type { Ledger } from '#ledger/ledger'
import type { ProjectName } from '#python/name'
import type { FileEntry } from '#registry/files'
import type { IndexName } from '#registry/indexes'
import { keys } from '#registry/keys'
import { Background, within } from './background.ts'
import { CoreMetadata } from './core-metadata.ts'
import { Downloads, type Kept, type MirroredFile, type Wanted } from './download.ts'
import { Existence } from './existence.ts'
import { holdOffMs } from './expiry.ts'
import { Freshness, type Standing } from './freshness.ts'
import { learn } from './learn.ts'
import { LocalState } from './local-state.ts'
import { Looker, type Target } from './look.ts'
import type { NameList } from './name-file.ts'
import { UpstreamNames } from './names.ts'
import { offlineStanding, onlyStored } from './offline.ts'
import type { MirrorSettings } from './settings.ts'
import { getMirror } from './situation.ts'
import { Upstream } from './upstream.ts'

export type { MirroredFile, MirrorSettings, NameList, Standing }

export interface MirrorsOptions {
  readonly ledger: Ledger
  readonly blobs: BlobStore
  /** For what is only of this machine, and may be lost. */
  readonly folder: string
  readonly settings: MirrorSettings
  readonly log: Log
  readonly clock: Clock
}

const LONGEST_LOOK_MS = 60_000
const LONGEST_CLOSE_MS = 3000

export class Mirrors {
  readonly #options: MirrorsOptions
  readonly #background = new Background()
  readonly #freshness = new Freshness()
  readonly #flights = new SingleFlight<string, Standing>()
  readonly #local: LocalState
  readonly #upstream: Upstream
  readonly #looker: Looker
  readonly #names: UpstreamNames
  readonly #downloads: Downloads
  readonly #metadata: CoreMetadata
  readonly #unfollow: () => void

  static async open(options: MirrorsOptions): Promise<Mirrors> {
    const mirrors = new Mirrors(options)
    const indexes = await options.ledger.read((tx) => tx.listNames(keys.indexes()))
    mirrors.#local.keepOnly(new Set(indexes))
    await mirrors.#names.setUp()
    return mirrors
  }

  /** Use `open`. */
  constructor(options: MirrorsOptions) {
    const { ledger, folder, settings } = options
    this.#options = options
    this.#local = LocalState.open(join(folder, 'mirrors.sqlite'))
    this.#upstream = new Upstream(settings)
    const needs = {
      ...options,
      local: this.#local,
      upstream: this.#upstream,
      freshness: this.#freshness,
      background: this.#background,
    }
    this.#names = new UpstreamNames(join(folder, 'names'), needs)
    const existence = new Existence({ ...options, names: this.#names })
    this.#looker = new Looker({ ...needs, existence })
    const onKept = (wanted: Wanted, kept: Kept): Promise<void> => this.#learn(wanted, kept)
    this.#downloads = new Downloads({ ...needs, onKept })
    this.#metadata = new CoreMetadata({ ...needs, downloads: this.#downloads })
    this.#unfollow = ledger.follow((notice) => this.#freshness.follow(notice))
  }

  /** No upstream is asked: pages depend on which files are here. */
  get isOffline(): boolean {
    return this.#options.settings.offline
  }

  /** Of the links of a page, those that can be followed: all of them, unless no upstream may be asked. */
  async listOffered<L extends { readonly file: FileEntry }>(
    links: readonly L[],
  ): Promise<readonly L[]> {
    return this.isOffline ? onlyStored(this.#options.blobs, links) : links
  }

  /** The names of a project's files whose bytes are here, or on their way. */
  async listStored(index: IndexName, project: ProjectName): Promise<ReadonlySet<string>> {
    const { ledger, blobs } = this.#options
    const files = await ledger.read((tx) => tx.list(keys.files(index, project)))
    const stored = await onlyStored(
      blobs,
      files.map(({ name, value: file }) => ({ name, file })),
    )
    const running = this.#downloads.listRunning(index, project)
    return new Set([...running, ...stored.map(({ name }) => name)])
  }

  /** Whether the links known of a project, or that there are none, need no look upstream now. */
  isFresh(index: IndexName, project: ProjectName): boolean {
    const standing = this.#freshness.find(index, project, this.#options.clock.now())
    return standing === 'fresh' || standing === 'missing'
  }

  /**
   * Brings upstream's links into the ledger when ours are old. `stale`: upstream fails or is slow, and what
   * is known stays. Throws `UpstreamFailure` where nothing is known.
   */
  async freshen(index: IndexName, project: ProjectName): Promise<Standing> {
    if (this.isOffline) return offlineStanding(this.#options.ledger, index, project)
    const known = this.#freshness.find(index, project, this.#options.clock.now())
    return known ?? this.#lookSoon({ index, project })
  }

  /** Asks upstream for the whole page, however fresh ours is, and takes what it says. */
  async refresh(index: IndexName, project: ProjectName): Promise<Standing> {
    if (this.isOffline) return offlineStanding(this.#options.ledger, index, project)
    const key = `${index}/${project}`
    while (this.#flights.isRunning(key)) {
      // The look under way may have begun before what the caller knows of; its failure is its own.
      await this.#flights.run(key, () => this.#look({ index, project })).catch(() => undefined)
    }
    this.#local.remove(index, project)
    this.#freshness.forgetProject(index, project)
    return this.#lookSoon({ index, project, isRefresh: true })
  }

  /** Looks at everything of an index anew, as after a change to its options; what is known stays. */
  forget(index: IndexName): void {
    this.#freshness.forgetIndex(index)
    this.#names.forget(index)
  }

  /** Upstream's list of names, or an old one, or what is known here; never a failure of upstream. */
  names(index: IndexName): Promise<NameList> {
    return this.#names.names(index)
  }

  /** The names that are here, however old the list of them is: upstream is not asked. */
  knownNames(index: IndexName): Promise<NameList> {
    return this.#names.known(index)
  }

  /** Where clients are sent for a file: nowhere if it is here, or if the mirror fetches files itself. */
  async findExternalUrl(
    index: IndexName,
    project: ProjectName,
    filename: string,
    entry: FileEntry,
  ): Promise<string | undefined> {
    const mirror = await this.#options.ledger.read((tx) => getMirror(tx, index))
    if (!mirror.mirror_use_external_urls) return undefined
    const isHere = await this.#downloads.isHere({ index, project, filename, entry })
    return isHere ? undefined : entry.upstream?.url
  }

  /** The bytes of a mirrored file: from here, from a download under way, or from one that begins. */
  openFile(
    index: IndexName,
    project: ProjectName,
    filename: string,
    entry: FileEntry,
  ): Promise<MirroredFile> {
    return this.#downloads.open({ index, project, filename, entry })
  }

  /** Sees to it that a mirrored file is in the blob store, whole and checked. */
  keepFile(
    index: IndexName,
    project: ProjectName,
    filename: string,
    entry: FileEntry,
  ): Promise<Kept> {
    return this.#downloads.keep({ index, project, filename, entry })
  }

  /** Whether a mirrored file is stored here, or on its way. */
  isHere(
    index: IndexName,
    project: ProjectName,
    filename: string,
    entry: FileEntry,
  ): Promise<boolean> {
    return this.#downloads.isHere({ index, project, filename, entry })
  }

  /** What there is to say of a mirrored file without its bytes: a file that is not here stays where it is. */
  describeFile(
    index: IndexName,
    project: ProjectName,
    filename: string,
    entry: FileEntry,
  ): Promise<MirroredFile> {
    return this.#downloads.describe({ index, project, filename, entry })
  }

  /**
   * The core metadata of a mirrored wheel; undefined if nobody promises any and there is none inside. Throws
   * `UpstreamFailure` where it is promised and neither upstream nor inside.
   */
  openMetadata(
    index: IndexName,
    project: ProjectName,
    filename: string,
    entry: FileEntry,
  ): Promise<Buffer | undefined> {
    return this.#metadata.open({ index, project, filename, entry })
  }

  /** Breaks off what runs upstream, within a few seconds. */
  async close(): Promise<void> {
    this.#unfollow()
    await this.#background.close(LONGEST_CLOSE_MS)
    await this.#upstream.close()
    this.#local.close()
  }

  /** Waits for the look under way, or a new one, no longer than a request may. */
  async #lookSoon(target: Target): Promise<Standing> {
    const { index, project } = target
    const { settings } = this.#options
    const key = `${index}/${project}`
    const look = this.#flights.run(key, () => this.#background.add(this.#look(target)))
    const standing = await within(look, settings.requestTimeoutMs)
    if (standing) return standing

    // The look goes on, and what it finds is stored.
    if (await this.#keepStale(index, project)) return 'stale'
    throw new UpstreamFailure(
      `timeout after ${settings.requestTimeoutMs / 1000} seconds while getting data for '${project}'`,
    )
  }

  async #look(target: Target): Promise<Standing> {
    const { index, project } = target
    try {
      return await this.#looker.look(target, this.#background.signal(LONGEST_LOOK_MS))
    } catch (error) {
      const isExpected = [UpstreamFailure, StorageFailure, Refusal].some(
        (kind) => error instanceof kind,
      )
      if (!isExpected || !(await this.#keepStale(index, project))) throw error
      const reason = (error as Error).message
      this.#options.log.warn({ index, project, reason }, 'a mirror serves stale links')
      return 'stale'
    }
  }

  /** Lets what is known stand for a moment, if anything is. */
  async #keepStale(index: IndexName, project: ProjectName): Promise<boolean> {
    const { ledger, clock, settings } = this.#options
    const watch = this.#freshness.watch(index, project)
    try {
      const [mirror, known] = await ledger.read(async (tx) => [
        await tx.get(keys.index(index)),
        await tx.get(keys.project(index, project)),
      ])
      if (!known || mirror?.type !== 'mirror') return false
      const isFresh = this.isFresh(index, project) // the look has come to its end meanwhile
      const until = clock.now() + holdOffMs(mirror, settings)
      if (!isFresh) this.#freshness.remember(watch, 'stale', until)
      return true
    } finally {
      this.#freshness.endWatch(watch)
    }
  }

  /** Tells the ledger what upstream left out. The file is here and good even if that fails. */
  async #learn(wanted: Wanted, kept: Kept): Promise<void> {
    const { ledger, log } = this.#options
    const { index, filename, entry } = wanted
    try {
      const hasMetadata = typeof entry.metadata === 'string'
      const metadata = hasMetadata ? undefined : await this.#metadata.keepOf(filename, kept)
      await learn(ledger, wanted, { ...kept, ...(metadata !== undefined && { metadata }) })
    } catch (error) {
      log.error({ index, filename, error }, 'what a file tells of itself could not be stored')
    }
  }
}
