/**
 * The mirrors of a replica: its primary looks upstream in their place, and stores what is found; this server waits until
 * that has come here. Nothing is written here, and no upstream is asked.
 */
import { text } from 'node:stream/consumers'
import type { Clock } from '#base/clock'
import { UpstreamFailure } from '#base/failure'
import type { Ledger } from '#ledger/ledger'
import { waitForSerial } from '#ledger/wait-for-serial'
import type { ProjectName } from '#python/name'
import type { IndexName } from '#registry/indexes'
import type { FileFact } from '#registry/hooks'
import { keys } from '#registry/keys'
import type { Wanted } from './download.ts'
import { expiryMs, holdOffMs } from './expiry.ts'
import type { Freshness, Standing } from './freshness.ts'
import type { LocalState } from './local-state.ts'
import type { Found, Target } from './look.ts'
import type { MirrorSettings } from './settings.ts'
import { readBytes } from './upstream-body.ts'
import type { UpstreamAnswer } from './upstream.ts'

/** The way to the primary. Throws `UpstreamFailure` when it is away. */
export interface MirrorPrimary {
  ask(question: {
    readonly path: string
    readonly headers?: Readonly<Record<string, string>>
    readonly signal: AbortSignal
  }): Promise<UpstreamAnswer>
}

/** What a primary is asked to see to. */
export const mirrorErrands = ['links', 'refresh', 'licences', 'sizes', 'times'] as const
export type MirrorErrand = (typeof mirrorErrands)[number]

/** Where replicas ask their primary about its mirrors. */
export const MIRROR_PATH = '+mirror'

interface Needs {
  readonly primary: MirrorPrimary
  readonly ledger: Ledger
  readonly local: LocalState
  readonly freshness: Freshness
  readonly settings: MirrorSettings
  readonly clock: Clock
}

const LONGEST_WAIT_MS = 60_000
const LARGEST_METADATA = 16 * 1024 * 1024

export class ThroughPrimary {
  readonly isFollowed = true
  readonly #needs: Needs

  constructor(needs: Needs) {
    this.#needs = needs
  }

  /** In place of a look upstream. What it found is here when this resolves. */
  async look(target: Target, signal: AbortSignal): Promise<Found> {
    const { ledger, settings, clock } = this.#needs
    const { index, project, isRefresh } = target
    const at = clock.now()
    const standing = await this.#see(isRefresh ? 'refresh' : 'links', { index, project, signal })
    const mirror = await ledger.read((tx) => tx.get(keys.index(index)))
    const isGood = standing !== 'stale'
    const goodFor =
      mirror?.type !== 'mirror'
        ? 0
        : isGood
          ? expiryMs(mirror, settings)
          : holdOffMs(mirror, settings)
    const found = { ...NO_PAGE, standing, until: at + Math.min(goodFor, longest(standing)) }
    await this.confirm(target, found)
    if (isGood && mirror?.type === 'mirror')
      this.#needs.local.save(index, project, { ...NO_PAGE, at })
    return found
  }

  /** Nothing here tells whether it still holds, if the mirror is as it was. */
  async confirm({ index, project }: Target, { standing, until }: Found): Promise<boolean> {
    const { ledger, freshness } = this.#needs
    const watch = freshness.watch(index, project)
    try {
      const mirror = await ledger.read((tx) => tx.get(keys.index(index)))
      if (mirror?.type === 'mirror') freshness.remember(watch, standing, until)
      return true
    } finally {
      freshness.endWatch(watch)
    }
  }

  async learnFacts(
    about: {
      readonly index: IndexName
      readonly project: ProjectName
      readonly signal: AbortSignal
    },
    facts: ReadonlySet<FileFact>,
  ): Promise<void> {
    if (facts.has('licence')) await this.#see('licences', about)
    if (facts.has('size')) await this.#see('sizes', about)
    if (facts.has('uploadedAt')) await this.#see('times', about)
  }

  /** The primary's list of names, as a page in JSON. */
  askNames(
    index: IndexName,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<UpstreamAnswer> {
    return this.#needs.primary.ask({ path: pathOf(index), headers, signal })
  }

  /** The bytes of a file that the primary has, or fetches while it sends them. */
  askFile({ index, project, filename }: Wanted, signal: AbortSignal): Promise<UpstreamAnswer> {
    return this.#needs.primary.ask({ path: pathOf(index, project, filename), signal })
  }

  /** Undefined where there is none. */
  async findMetadata(
    { index, project, filename }: Wanted,
    signal: AbortSignal,
  ): Promise<Buffer | undefined> {
    const path = `${pathOf(index, project, filename)}.metadata`
    const answer = await this.#needs.primary.ask({ path, signal })
    if (answer.status === 200) return readBytes(answer, LARGEST_METADATA)
    if (answer.status !== 404) throw await failureIn(answer)
    answer.discard()
    return undefined
  }

  async #see(
    errand: MirrorErrand,
    { index, project, signal }: { index: IndexName; project: ProjectName; signal: AbortSignal },
  ): Promise<Standing> {
    const { primary, ledger } = this.#needs
    const answer = await primary.ask({ path: `${pathOf(index, project)}?for=${errand}`, signal })
    if (answer.status !== 200) throw await failureIn(answer)
    const { standing, serial } = JSON.parse(await text(answer.body)) as {
      standing: Standing
      serial: number
    }
    if (await waitForSerial(ledger, serial, { timeoutMs: LONGEST_WAIT_MS, signal })) return standing
    throw new UpstreamFailure(`what the primary found for ${project} is not here yet`)
  }
}

/** A look that knows nothing of the page itself. */
const NO_PAGE = { basis: '', fingerprint: '', etag: undefined }

/** For so long a project that the primary lacks is not asked for again. */
const longest = (standing: Standing): number => (standing === 'missing' ? 60_000 : Infinity)

const pathOf = (index: IndexName, ...more: readonly string[]): string =>
  [MIRROR_PATH, ...index.split('/'), ...more.map(encodeURIComponent)].join('/')

/** As the primary tells it. */
async function failureIn(answer: UpstreamAnswer): Promise<UpstreamFailure> {
  const said = (await text(answer.body)).slice(0, 2000)
  const message = parseMessage(said) ?? `the primary answers ${answer.status}`
  return new UpstreamFailure(message, { status: answer.status })
}

function parseMessage(said: string): string | undefined {
  try {
    const { message } = JSON.parse(said) as { message?: unknown }
    return typeof message === 'string' ? message : undefined
  } catch {
    return undefined
  }
}
