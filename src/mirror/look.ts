/** One look at a project upstream: asks if ours is old, and brings what is new into the ledger. */
import type { Clock } from '#base/clock'
import { UpstreamFailure } from '#base/failure'
import type { Log } from '#base/log'
import type { Ledger } from '#ledger/ledger'
import type { ProjectName } from '#python/name'
import { inTurns } from '#python/steps'
import type { IndexName } from '#registry/indexes'
import { indexUrl, shownUrl } from './address.ts'
import type { Changelog } from './changelog.ts'
import type { Existence } from './existence.ts'
import { expiryMs } from './expiry.ts'
import type { Freshness, Standing } from './freshness.ts'
import type { Listings } from './listings.ts'
import type { LocalState, Look } from './local-state.ts'
import { readLinks, type PageLinks } from './page-links.ts'
import { askProject, type ProjectAnswer } from './project-page.ts'
import type { MirrorSettings } from './settings.ts'
import { getSituation, hasBasis, isLookAt, type Situation } from './situation.ts'
import { removeLinks, storeLinks, type StillHolds } from './stored-links.ts'
import type { Upstream } from './upstream.ts'

export interface LookNeeds {
  readonly ledger: Ledger
  readonly upstream: Upstream
  readonly local: LocalState
  readonly freshness: Freshness
  readonly existence: Existence
  readonly listings: Listings
  readonly changelog: Changelog
  readonly settings: MirrorSettings
  readonly log: Log
  readonly clock: Clock
}

export interface Target {
  readonly index: IndexName
  readonly project: ProjectName
  /** Somebody knows better: upstream is asked whatever its list says, and its answer counts though it be older. */
  readonly isRefresh?: boolean
}

/** A look that stands alone: what it found, and what the ledger must hold for it to be true. As JSON it stays the same. */
export interface Found {
  readonly standing: Standing
  readonly fingerprint: string | undefined
  readonly basis: string
  readonly until: number
}

/** For so long a project that upstream lacks is not asked for again. */
const LONGEST_MISSING_MS = 60_000

/** While a look goes on, the mirror may be changed or the project removed: then another one is due. */
const MOST_LOOKS = 3

export class Looker {
  readonly #needs: LookNeeds

  constructor(needs: LookNeeds) {
    this.#needs = needs
  }

  /** Throws `UpstreamFailure` when upstream fails, and leaves the ledger as it is. */
  async look(target: Target, signal: AbortSignal): Promise<Found> {
    for (let looks = 1; ; looks++) {
      const found = await this.#lookOnce(target, signal)
      if ((await this.confirm(target, found)) || looks === MOST_LOOKS) return found
    }
  }

  async #lookOnce(target: Target, signal: AbortSignal): Promise<Found> {
    const { ledger, local, upstream, clock } = this.#needs
    const { index, project } = target
    const situation = await ledger.read((tx) => getSituation(tx, index, project))
    const remembered = local.find(index, project)
    const look = isLookAt(remembered, situation) ? remembered : undefined
    const now = clock.now()
    if (look && now < this.#freshUntil(look.at, situation)) return this.#unchanged(look, situation)

    const { address, known } = situation
    const isAsked =
      known || target.isRefresh || (await this.#needs.existence.mayHave(index, project, situation))
    if (!isAsked) return this.#missing(situation, now)
    const unchangedAt = look && (await this.#findUnchanged(target, situation, { look, signal }))
    if (unchangedAt !== undefined) {
      const next = { ...look!, at: unchangedAt }
      local.save(index, project, next)
      return this.#unchanged(next, situation)
    }
    const answer =
      address.layout === 'listing'
        ? await this.#needs.listings.askProject(project, {
            address,
            signal,
            since: target.isRefresh ? now : now - expiryMs(situation.mirror, this.#needs.settings),
          })
        : await askProject(upstream, {
            address,
            project,
            etag: look?.etag,
            signal,
            isForced: target.isRefresh ?? false,
          })
    signal.throwIfAborted()
    if (answer.kind === 'missing') return this.#storeMissing(target, situation, now)
    const next =
      answer.kind === 'page'
        ? await this.#storePage(target, situation, { answer, look, now })
        : { ...look!, at: now }
    local.save(index, project, next)
    return this.#unchanged(next, situation)
  }

  /** By the changelog, where the mirror has one: the page need not be asked for then. */
  async #findUnchanged(
    { project, isRefresh }: Target,
    { mirror, address, known }: Situation,
    { look, signal }: { readonly look: Look; readonly signal: AbortSignal },
  ): Promise<number | undefined> {
    const { mirror_changelog_url: url } = mirror
    const serial = known?.upstream?.lastSerial
    if (url === undefined || serial === undefined || isRefresh) return undefined
    const expiry = expiryMs(mirror, this.#needs.settings)
    const question = { url, address, signal, expiryMs: expiry }
    return this.#needs.changelog.unchangedAt(question, { project, at: look.at, serial })
  }

  async #storePage(
    target: Target,
    situation: Situation,
    seen: { answer: ProjectAnswer & { kind: 'page' }; look: Look | undefined; now: number },
  ): Promise<Look> {
    const { mirror, address, basis, known } = situation
    const { answer, look, now } = seen
    const { page, etag } = answer
    const ignoresSerial = mirror.mirror_ignore_serial_header ?? false
    const lastSerial = ignoresSerial ? undefined : answer.lastSerial
    const knownSerial =
      known?.upstream?.from === address.url ? known.upstream.lastSerial : undefined
    const takesOlder = ignoresSerial || target.isRefresh
    if (!takesOlder && (lastSerial ?? -1) < (knownSerial ?? -1)) {
      const how = lastSerial === undefined ? 'without a serial' : `of serial ${lastSerial}`
      throw new UpstreamFailure(
        `${shownUrl(address.url)} answered ${how} for ${target.project}, older than ${knownSerial}`,
      )
    }

    const providesMetadata = mirror.mirror_provides_core_metadata ?? false
    const below = address.ownOnly ? indexUrl(address) : undefined
    const links = await inTurns(readLinks(page, target.project, { providesMetadata, below }))
    const { fingerprint } = links
    const from = { from: address.url, fingerprint }
    const upstream = lastSerial === undefined ? from : { ...from, lastSerial }
    // The same page as at the last look: upstreams without ETag send it again and again.
    const isSame = look?.fingerprint === fingerprint && lastSerial === knownSerial
    const guarded = {
      ...this.#guarded(target, basis),
      keepsRemoved: mirror.mirror_keep_removed ?? false,
      // Another upstream than before may well have other files.
      takesReplaced:
        (mirror.mirror_take_replaced ?? false) || known?.upstream?.from !== address.url,
    }
    const refused = isSame ? [] : await storeLinks(this.#needs.ledger, guarded, links, upstream)
    if (refused.length > 0) this.#tellRefused(target, refused)
    if (!isSame) this.#tellOdd(target, links)
    return { basis, fingerprint, etag, at: now }
  }

  #tellRefused({ index, project }: Target, filenames: readonly string[]): void {
    const some = filenames.slice(0, 10)
    const message = 'an upstream changed the content of files, which stay as they were'
    this.#needs.log.warn({ index, project, count: filenames.length, filenames: some }, message)
  }

  /** Once for each page that brings something new. */
  #tellOdd({ index, project }: Target, { strangers, withCredentials }: PageLinks): void {
    if (strangers.length + withCredentials.length === 0) return
    const some = (names: readonly string[]) =>
      names.length > 0 ? { count: names.length, filenames: names.slice(0, 3) } : undefined
    const odd = { others: some(strangers), with_credentials: some(withCredentials) }
    const message =
      "an upstream's page of a project has files of others, or credentials: they are left out"
    this.#needs.log.warn({ index, project, ...odd }, message)
  }

  async #storeMissing(target: Target, situation: Situation, now: number): Promise<Found> {
    const { ledger, local } = this.#needs
    const { mirror, basis, known } = situation
    const fingerprint = known?.upstream?.fingerprint
    if (mirror.mirror_keep_removed && fingerprint !== undefined) {
      const look = { basis, fingerprint, etag: undefined, at: now }
      local.save(target.index, target.project, look)
      return this.#unchanged(look, situation)
    }
    await removeLinks(ledger, this.#guarded(target, situation.basis))
    local.remove(target.index, target.project)
    return this.#missing(situation, now)
  }

  #missing(situation: Situation, now: number): Found {
    const until = Math.min(this.#freshUntil(now, situation), now + LONGEST_MISSING_MS)
    return { standing: 'missing', fingerprint: undefined, basis: situation.basis, until }
  }

  /** An answer of the upstream that the mirror had before must not replace anything. */
  #guarded(target: Target, basis: string): Target & { stillHolds: StillHolds } {
    return { ...target, stillHolds: (tx) => hasBasis(tx, target.index, basis) }
  }

  #unchanged({ fingerprint, at }: Look, situation: Situation): Found {
    const until = this.#freshUntil(at, situation)
    return { standing: 'fresh', fingerprint, basis: situation.basis, until }
  }

  #freshUntil(at: number, { mirror }: Situation): number {
    return at + expiryMs(mirror, this.#needs.settings)
  }

  /** Remembers what was found if the ledger, watched meanwhile, says the same. */
  async confirm({ index, project }: Target, found: Found): Promise<boolean> {
    const { ledger, freshness } = this.#needs
    const watch = freshness.watch(index, project)
    try {
      const now = await ledger.read((tx) => getSituation(tx, index, project))
      const holds =
        now.basis === found.basis && now.known?.upstream?.fingerprint === found.fingerprint
      return holds && freshness.remember(watch, found.standing, found.until)
    } finally {
      freshness.endWatch(watch)
    }
  }
}
