/** Mirrors: bring upstream's links into the ledger when ours are old, and its files when they are wanted. */
import { join } from 'node:path'
import type { Clock } from '#base/clock'
import { soleCrew, type Crew } from '#base/crew'
import type { Log } from '#base/log'
import type { Measures } from '#base/measures'
import { waitFor } from '#base/waits'
import type { BlobStore } from '#blobs/blob-store'
import type { Ledger } from '#ledger/ledger'
import type { ProjectName } from '#python/name'
import { offeredMetadata, type FileEntry } from '#registry/files'
import {
  makesMetadata,
  type IndexEntry,
  type IndexName,
  type MirrorEntry,
  type NamedIndex,
} from '#registry/indexes'
import type { FileFact } from '#registry/hooks'
import { keys } from '#registry/keys'
import type { Link } from '#registry/links'
import { addressOf, connectionOf, wayTo } from './address.ts'
import { Askers } from './askers.ts'
import { Background, within } from './background.ts'
import { Breaker, isUnwell, type UpstreamHealth } from './breaker.ts'
import { Changelog } from './changelog.ts'
import { Claims, type Claim } from './claims.ts'
import { ClaimsWatch } from './claims-watch.ts'
import { Coverages, type MirrorCoverage } from './coverage.ts'
import { CoreMetadata } from './core-metadata.ts'
import { Downloads, type Kept, type MirroredFile, type Wanted } from './download.ts'
import { Existence } from './existence.ts'
import { expiryMs } from './expiry.ts'
import { FetchAhead, type Reader } from './fetch-ahead.ts'
import { Freshness, type Standing } from './freshness.ts'
import { learn } from './learn.ts'
import { MadeMetadata } from './made-metadata.ts'
import { FileHeads, type HeadFact } from './file-heads.ts'
import { Licences } from './licences.ts'
import { Listings } from './listings.ts'
import { MakeAhead } from './make-ahead.ts'
import { LocalState } from './local-state.ts'
import { Looker } from './look.ts'
import { LookAhead } from './look-ahead.ts'
import { Looks } from './looks.ts'
import type { NameList } from './name-file.ts'
import { UpstreamNames } from './names.ts'
import { onlyStored } from './offline.ts'
import type { MirrorSettings } from './settings.ts'
import { getMirror } from './situation.ts'
import { ThroughPrimary, type MirrorPrimary } from './through-primary.ts'
import { Upstream } from './upstream.ts'

export type { MirrorPrimary } from './through-primary.ts'
export type { MirrorCoverage, MirroredFile, MirrorSettings, NameList, Standing, UpstreamHealth }

/** As they are told to people and their tools. */
export interface MirrorFacts {
  /** Without credentials. */
  readonly upstream: string | undefined
  /** When upstream was noticed to offer this name, which a stage has claimed. */
  readonly claimed_since: string | undefined
  /** `unknown`: nobody has asked since the server started. */
  readonly standing: Standing | 'unknown'
  readonly last_look: string | undefined
  readonly etag: string | undefined
  readonly fresh_until: string | undefined
  /** Where its upstream failed when it was asked last: whatever project that was about. */
  readonly failing: UpstreamHealth | undefined
  /** Of what was shown of the mirror, all projects together. */
  readonly coverage: MirrorCoverage
}

export interface MirrorsOptions {
  readonly ledger: Ledger
  readonly blobs: BlobStore
  /** For what is only of this machine, and may be lost. */
  readonly folder: string
  readonly settings: MirrorSettings
  readonly log: Log
  readonly clock: Clock
  /** Called when a mirror has a new list of names. */
  readonly onNames?: () => void
  /** Of a replica: who looks upstream in its place, and stores what is found. */
  readonly primary?: MirrorPrimary | undefined
  /** The processes that work on the same folder for the same server. */
  readonly crew?: Crew | undefined
  readonly measures?: Measures | undefined
}

const LONGEST_CLOSE_MS = 3000
/** Told to the other processes of the server. */
const NEW_LIST = 'list of names'

const headFacts: readonly HeadFact[] = ['size', 'uploadedAt']

export class Mirrors {
  readonly askers: Askers
  readonly #options: MirrorsOptions
  readonly #background = new Background()
  readonly #freshness = new Freshness()
  readonly #local: LocalState
  readonly #breaker: Breaker
  readonly #upstream: Upstream
  readonly #direct: Upstream | undefined
  readonly #through: ThroughPrimary | undefined
  readonly #looks: Looks
  readonly #names: UpstreamNames
  readonly #downloads: Downloads
  readonly #made: MadeMetadata
  readonly #metadata: CoreMetadata
  readonly #ahead: MakeAhead
  readonly #lookAhead: LookAhead
  readonly #fetchAhead: FetchAhead
  readonly #licences: Licences
  readonly #heads: FileHeads
  readonly #coverages: Coverages
  readonly #claims: Claims
  readonly #claimsWatch: ClaimsWatch
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
    const { primary, crew = soleCrew } = options
    this.#coverages = new Coverages(crew)
    this.#breaker = new Breaker(options)
    this.askers = new Askers(crew)
    const heard = { measures: options.measures, askers: this.askers }
    // A replica that asked upstream all the same would have nowhere to put what it hears.
    const asks = { ...settings, offline: settings.offline || primary !== undefined }
    this.#upstream = new Upstream(asks, this.#breaker, heard)
    this.#through =
      primary && !settings.offline
        ? new ThroughPrimary({
            ...{ ...options, primary, local: this.#local, freshness: this.#freshness },
          })
        : undefined
    const isFetching = settings.filesAlone === true && primary !== undefined && !settings.offline
    const direct = isFetching ? new Upstream(settings, this.#breaker, heard) : undefined
    this.#direct = direct
    const needs = {
      ...options,
      crew,
      direct,
      local: this.#local,
      upstream: this.#upstream,
      listings: new Listings({ ...options, upstream: this.#upstream }),
      changelog: new Changelog({ ...options, upstream: this.#upstream }),
      breaker: this.#breaker,
      freshness: this.#freshness,
      background: this.#background,
      through: this.#through,
    }
    this.#names = new UpstreamNames(join(folder, 'names'), {
      ...needs,
      onList: () => {
        crew.cast(NEW_LIST, {})
        this.#heardOfList()
      },
    })
    crew.onCast(NEW_LIST, () => this.#heardOfList())
    this.#claims = new Claims({
      ...needs,
      list: async (index) => (await this.#names.find(index)).list,
    })
    this.#claimsWatch = new ClaimsWatch(this.#claims, this.#background, crew)
    const existence = new Existence({ ...options, names: this.#names })
    const looker = this.#through ?? new Looker({ ...needs, existence })
    this.#looks = new Looks({ ...needs, looker })
    const onKept = async (wanted: Wanted, kept: Kept): Promise<void> => {
      if (!primary) await this.#learn(wanted, kept) // a primary learns by itself
    }
    this.#made = MadeMetadata.open(join(folder, 'made.sqlite'))
    this.#downloads = new Downloads({ ...needs, made: this.#made, onKept })
    this.#metadata = new CoreMetadata({ ...needs, downloads: this.#downloads, made: this.#made })
    this.#licences = new Licences({ ledger, metadata: this.#metadata })
    this.#heads = new FileHeads(needs)
    const isOn = settings.makesAhead && !asks.offline
    this.#ahead = new MakeAhead({ ...needs, metadata: this.#metadata, isOn })
    this.#lookAhead = new LookAhead({ ...needs, looks: this.#looks, claims: this.#claims, isOn })
    this.#fetchAhead = new FetchAhead({ ...needs, downloads: this.#downloads, isOn })
    this.#unfollow = ledger.follow((notice) => {
      this.#freshness.follow(notice)
      this.#ahead.follow(notice)
      this.#claimsWatch.follow(notice)
      for (const path of notice.paths) {
        if (path.startsWith('index/')) this.#coverages.forget(path.slice('index/'.length))
      }
    })
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

  /** Notes what a page shows of mirrors. */
  noteShown(project: ProjectName, links: readonly Link[], indexes: readonly NamedIndex[]): void {
    const makers = indexes.filter(({ entry }) => makesMetadata(entry)).map(({ name }) => name)
    this.#coverages.record(project, links, new Set(makers))
  }

  /** How much of what was shown of a mirror since the start told all there is to tell. */
  coverage(index: IndexName): MirrorCoverage {
    return this.#coverages.of(index)
  }

  /** The same of all mirrors of which something was shown. */
  listCoverage(): MirrorCoverage[] {
    return this.#coverages.list()
  }

  /** Whether the links known of a project, or that there are none, need no look upstream now. */
  isFresh(index: IndexName, project: ProjectName): boolean {
    return this.#looks.isFresh(index, project) && !this.#metadata.isLearning(index, project)
  }

  /**
   * Brings upstream's links into the ledger when ours are old. `stale`: upstream fails or is slow, and what
   * is known stays. Throws `UpstreamFailure` where nothing is known.
   */
  async freshen(index: IndexName, project: ProjectName): Promise<Standing> {
    if (this.#metadata.isLearning(index, project)) await this.whenLearned(index, project)
    return this.#looks.freshen(index, project)
  }

  /** Resolves once all that was answered of a project's wheels is in its entries. */
  whenLearned(index: IndexName, project: ProjectName): Promise<void> {
    return this.#metadata.settled(index, project)
  }

  /** Asks upstream for the whole page, however fresh ours is, and takes what it says. */
  refresh(index: IndexName, project: ProjectName): Promise<Standing> {
    return this.#looks.refresh(index, project)
  }

  /** Whether a mirror's upstream failed when it was asked last. */
  isUnwell(entry: IndexEntry): boolean {
    return entry.type === 'mirror' && isUnwell(this.#breaker, entry)
  }

  /** Waits as long as what is known waits for news; undefined if it takes longer. */
  waitBriefly<T>(work: Promise<T>): Promise<T | undefined> {
    return within(work, this.#options.settings.staleWaitMs)
  }

  /**
   * Finds out what is not known yet of the files of a mirror's project: it reads the licences of the newest releases, and
   * asks for sizes and upload times. It takes no longer than a page may wait, and goes on behind it.
   */
  async learnFacts(
    index: IndexName,
    project: ProjectName,
    facts: ReadonlySet<FileFact>,
  ): Promise<void> {
    if (this.isOffline || facts.size === 0) return
    const work = this.#background.add(this.#learnFacts(index, project, facts))
    await within(work, this.#options.settings.requestTimeoutMs)
  }

  async #learnFacts(
    index: IndexName,
    project: ProjectName,
    facts: ReadonlySet<FileFact>,
  ): Promise<unknown> {
    if (this.#through) {
      const signal = this.#background.signal(this.#options.settings.requestTimeoutMs)
      return this.#through.learnFacts({ index, project, signal }, facts).catch(() => {}) // what is known will do
    }
    const { ledger } = this.#options
    const entry = await ledger.read((tx) => tx.get(keys.index(index)))
    const heads = headFacts.filter((fact) => facts.has(fact))
    const mayAsk = entry && makesMetadata(entry) && !this.isUnwell(entry)
    return Promise.all([
      facts.has('licence') && this.#licences.learn(index, project),
      mayAsk && heads.length > 0 && this.#heads.learn(index, project, heads),
    ])
  }

  /** Names of stages that upstreams offer too, without being let in. */
  listClaims(): Claim[] {
    return this.#claims.list()
  }

  /** The upstreams that failed when they were asked last: not all are for everybody to know (`KnownUpstreams`). */
  listUnwell(): UpstreamHealth[] {
    return this.#breaker.list()
  }

  /** What is known of an upstream's page of a project, and how old that is. */
  tell(index: IndexName, entry: MirrorEntry, project: ProjectName): MirrorFacts {
    const look = this.#local.find(index, project)
    const url = addressOf(entry)?.url
    const origin = url === undefined ? undefined : new URL(url).origin
    return {
      upstream: url,
      claimed_since: this.#claims.find(index, project)?.since,
      standing: this.#freshness.find(index, project, this.#options.clock.now()) ?? 'unknown',
      last_look: look && new Date(look.at).toISOString(),
      etag: look?.etag,
      fresh_until:
        look && new Date(look.at + expiryMs(entry, this.#options.settings)).toISOString(),
      failing:
        origin === undefined ? undefined : this.#breaker.find(wayTo(origin, connectionOf(entry))),
      coverage: this.coverage(index),
    }
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

  /** The lists of names that are here, of any process; another text when they are others. */
  namesState(): string {
    return JSON.stringify(this.#local.listNamesLooks())
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

  /**
   * The bytes of a mirrored file: from here, from a download under way, or from one that begins. What the same reader is
   * likely to fetch next is fetched ahead.
   */
  async openFile(
    index: IndexName,
    project: ProjectName,
    filename: string,
    entry: FileEntry,
    reader?: Reader,
  ): Promise<MirroredFile> {
    const wanted = { index, project, filename, entry }
    const file = await waitFor('upstream', this.#downloads.open(wanted))
    if (reader !== undefined) this.#fetchAhead.noteFile(reader, wanted, file)
    return file
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

  /** Whether a page says that a mirrored wheel has core metadata, which is answered then. */
  async offersMetadata(index: IndexName, filename: string, entry: FileEntry): Promise<boolean> {
    const mirror = await this.#options.ledger.read((tx) => tx.get(keys.index(index)))
    return offeredMetadata(entry, filename, makesMetadata(mirror)) !== undefined
  }

  /**
   * The core metadata of a mirrored wheel; undefined if nobody promises any and there is none inside. Throws
   * `UpstreamFailure` where it is promised and neither upstream nor inside.
   */
  async openMetadata(
    index: IndexName,
    project: ProjectName,
    filename: string,
    entry: FileEntry,
    reader?: Reader,
  ): Promise<Buffer | undefined> {
    const wanted = { index, project, filename, entry }
    const bytes = await waitFor('upstream', this.#metadata.open(wanted))
    if (bytes) this.#lookAhead.follow(index, filename, bytes)
    if (bytes && reader !== undefined) this.#fetchAhead.noteMetadata(reader, wanted)
    return bytes
  }

  /** Breaks off what runs upstream, within a few seconds. */
  async close(): Promise<void> {
    this.#unfollow()
    this.#claimsWatch.close()
    this.#ahead.close()
    await this.#background.close(LONGEST_CLOSE_MS)
    await this.#upstream.close()
    await this.#direct?.close()
    this.#local.close()
    this.#made.close()
  }

  #heardOfList(): void {
    this.#claimsWatch.checkAll()
    this.#options.onNames?.()
  }

  /** Tells the ledger what upstream left out. The file is here and good even if that fails. */
  async #learn(wanted: Wanted, kept: Kept): Promise<void> {
    const { ledger, log } = this.#options
    const { index, filename } = wanted
    try {
      await learn(ledger, wanted, { ...kept, ...(await this.#metadata.learnFrom(wanted, kept)) })
    } catch (error) {
      log.error({ index, filename, error }, 'what a file tells of itself could not be stored')
    }
  }
}
