/** A server as a member of its group: what it tells others of who writes, and what follows from what they tell. */
import type { Clock } from '#base/clock'
import type { Log } from '#base/log'
import type { Serial } from '#ledger/key'
import type { Ledger } from '#ledger/ledger'
import { findLateFrom } from './fork.ts'
import type { EpochStart, GroupView } from './group-view.ts'
import type { Primary } from './primary.ts'

interface MembershipNeeds {
  readonly ledger: Ledger
  /** Of this server. */
  readonly uuid: string
  readonly clock: Clock
  readonly log: Log
  readonly listStarts: () => Promise<readonly EpochStart[]>
  /** The address of the server that this one follows; undefined for one that follows nobody. */
  readonly followed: string | undefined
  /** Of this server, where it is known. */
  readonly outsideUrl: string | undefined
  /** This server follows nobody, and another one has taken its place. */
  readonly onReplaced: () => void
  /** This server is a replica, and changes are written elsewhere than it thought. */
  readonly onMoved: (primaryUrl: string, epoch: number) => Promise<void>
}

export class Membership {
  readonly #needs: MembershipNeeds

  constructor(needs: MembershipNeeds) {
    this.#needs = needs
  }

  async view(): Promise<GroupView> {
    const { ledger, uuid, listStarts, followed, outsideUrl } = this.#needs
    await ledger.catchUp()
    const [fence, head, starts] = await Promise.all([
      ledger.fence(),
      ledger.change(ledger.serial),
      listStarts(),
    ])
    const isPrimary = followed === undefined && !fence
    return {
      uuid,
      isPrimary,
      epoch: fence?.epoch ?? head?.epoch ?? 1,
      serial: ledger.serial,
      primaryUrl: isPrimary ? outsideUrl : (fence?.url ?? followed),
      starts,
    }
  }

  /** `reachedAt`: the address under which this server was asked. */
  async answer(question: GroupView, reachedAt: string): Promise<GroupView> {
    await this.hear(question)
    const [view, hash] = await Promise.all([
      this.view(),
      question.wanted === undefined ? undefined : this.#needs.ledger.change(question.wanted),
    ])
    const primaryUrl = view.primaryUrl ?? (view.isPrimary ? reachedAt : undefined)
    return { ...view, primaryUrl, hash: hash?.hash }
  }

  /** Tells a server how things are here, and hears how they are there. Throws what `Primary.tell` does. */
  async exchange(other: Primary, signal: AbortSignal, wanted?: Serial): Promise<GroupView> {
    const heard = await other.tell({ ...(await this.view()), wanted }, signal)
    await this.hear(heard)
    return heard
  }

  async hear(told: GroupView): Promise<void> {
    const { uuid, followed } = this.#needs
    const own = await this.view()
    if (told.uuid === uuid) return
    if (told.epoch < own.epoch) return
    if (followed === undefined) return this.#compare(told, own)
    if (told.epoch === own.epoch) return
    if (told.primaryUrl !== undefined) await this.#needs.onMoved(told.primaryUrl, told.epoch)
  }

  async #compare(told: GroupView, own: GroupView): Promise<void> {
    const { epoch, primaryUrl } = told
    if (epoch > own.epoch) return this.#stepBack(told, own)
    if (!own.isPrimary && primaryUrl !== undefined) await this.#fence(told, own) // where it is, at last
    if (!own.isPrimary || !told.isPrimary) return
    const facts = { epoch, other: told.uuid, at: primaryUrl }
    this.#needs.log.error(facts, 'another server takes changes in the same epoch')
  }

  async #stepBack(told: GroupView, own: GroupView): Promise<void> {
    const { ledger, log, onReplaced } = this.#needs
    const { epoch, primaryUrl: url } = told
    const lateFrom = await this.#fence(told, own)
    const late = lateFrom === undefined ? undefined : ledger.serial + 1 - lateFrom
    log.error({ epoch, primary: url, late }, 'this server was replaced: it takes no more changes')
    onReplaced()
  }

  async #fence(told: GroupView, own: GroupView): Promise<Serial | undefined> {
    const { ledger, clock } = this.#needs
    const { epoch, primaryUrl: url, starts } = told
    const lateFrom = await findLateFrom(ledger, own.starts, starts)
    const by = starts.find((start) => start.epoch === epoch)?.uuid
    await ledger.raiseFence({ epoch, by, url, at: clock.now(), lateFrom })
    return lateFrom
  }
}

export const isSameUrl = (one: string, other: string): boolean =>
  one.replace(/\/*$/, '') === other.replace(/\/*$/, '')
