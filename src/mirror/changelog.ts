/**
 * PyPI's changelog (XML-RPC `changelog_since_serial`): one question tells which projects have changed, so that the pages
 * of all others stay fresh without one each. Kept in memory: after a start each page is asked for once more.
 */
import type { Clock } from '#base/clock'
import { UpstreamFailure } from '#base/failure'
import type { Log } from '#base/log'
import { SingleFlight } from '#base/single-flight'
import { parseName, type ProjectName } from '#python/name'
import type { UpstreamAddress } from './address.ts'
import { shownUrl } from './address.ts'
import { acceptedEncodings, readText } from './upstream-body.ts'
import { pageStatusFailure } from './upstream-failure.ts'
import type { Upstream } from './upstream.ts'

interface State {
  /** Pages that were looked at since then are covered. */
  readonly beginning: number
  serial: number
  syncedAt: number
  /** The serial of the last change of each project since the beginning. */
  readonly changed: Map<ProjectName, number>
}

export interface ChangelogQuestion {
  /** Where XML-RPC is answered. */
  readonly url: string
  readonly address: UpstreamAddress
  readonly signal: AbortSignal
  /** How old the last answer may be. */
  readonly expiryMs: number
}

/** What is known of a page. */
export interface Seen {
  readonly project: ProjectName
  readonly at: number
  /** `X-PyPI-Last-Serial` of the page. */
  readonly serial: number
}

const LARGEST = 64 * 1024 * 1024
/** An answer of so many rows is cut short: what came after it is not known. */
const CUT_ROWS = 50_000

export class Changelog {
  readonly #needs: { readonly upstream: Upstream; readonly clock: Clock; readonly log: Log }
  readonly #states = new Map<string, State>()
  readonly #flights = new SingleFlight<string, State>()

  constructor(needs: { readonly upstream: Upstream; readonly clock: Clock; readonly log: Log }) {
    this.#needs = needs
  }

  /** The instant as of which a page is known to be unchanged; undefined where it must be asked for. Never fails. */
  async unchangedAt(question: ChangelogQuestion, seen: Seen): Promise<number | undefined> {
    const { url, expiryMs } = question
    try {
      let state = this.#states.get(url)
      if (!state || this.#needs.clock.now() >= state.syncedAt + expiryMs) {
        state = await this.#flights.run(url, () => this.#sync(question))
      }
      const isCovered = seen.at >= state.beginning
      const isChanged = (state.changed.get(seen.project) ?? 0) > seen.serial
      return isCovered && !isChanged ? state.syncedAt : undefined
    } catch (error) {
      if (!(error instanceof UpstreamFailure)) throw error
      this.#states.delete(url)
      const { message: reason } = error
      this.#needs.log.warn({ reason }, 'an upstream’s changelog cannot be read')
      return undefined
    }
  }

  async #sync(question: ChangelogQuestion): Promise<State> {
    const state = this.#states.get(question.url)
    const at = this.#needs.clock.now()
    const rows = state
      ? readRows(await this.#call(question, 'changelog_since_serial', state.serial))
      : []
    if (!state || rows.length >= CUT_ROWS) return this.#begin(question, at)
    for (const { project, serial } of rows) {
      state.serial = Math.max(state.serial, serial)
      if (project !== undefined) state.changed.set(project, serial)
    }
    state.syncedAt = at
    return state
  }

  async #begin(question: ChangelogQuestion, at: number): Promise<State> {
    const text = await this.#call(question, 'changelog_last_serial')
    const serial = Number(/<int>(\d{1,15})<\/int>/.exec(text)?.[1])
    if (!Number.isSafeInteger(serial)) throw unreadable(question.url)
    const state = { beginning: at, serial, syncedAt: at, changed: new Map<ProjectName, number>() }
    this.#states.set(question.url, state)
    return state
  }

  async #call(
    { url, address, signal }: ChangelogQuestion,
    method: string,
    parameter?: number,
  ): Promise<string> {
    const param =
      parameter === undefined ? '' : `<param><value><int>${parameter}</int></value></param>`
    const answer = await this.#needs.upstream.ask({
      url,
      address,
      signal,
      isForPage: true,
      headers: { 'content-type': 'text/xml', 'accept-encoding': acceptedEncodings },
      body: `<?xml version="1.0"?><methodCall><methodName>${method}</methodName><params>${param}</params></methodCall>`,
    })
    if (answer.status !== 200) {
      answer.discard()
      throw pageStatusFailure(answer.status, answer.url)
    }
    const text = await readText(answer, LARGEST)
    if (!/<methodResponse>/.test(text) || /<fault>/.test(text)) throw unreadable(answer.url)
    return text
  }
}

const unreadable = (url: string): UpstreamFailure =>
  new UpstreamFailure(`cannot read ${shownUrl(url)}: it tells no serials`)

interface Row {
  readonly project: ProjectName | undefined
  readonly serial: number
}

/** `[name, version, timestamp, action, serial]`, as Python's `xmlrpc` prints it. */
function readRows(text: string): Row[] {
  return text
    .split('<array>')
    .slice(2) // before the first row stands the list of them
    .map((row) => {
      const numbers = [...row.matchAll(/<int>(\d{1,15})<\/int>/g)]
      const name = /<string>([^<]*)<\/string>/.exec(row)?.[1] ?? ''
      return { project: parseName(name), serial: Number(numbers.at(-1)?.[1] ?? 0) }
    })
}
