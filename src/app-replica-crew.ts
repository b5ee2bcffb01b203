/** A replica of several workers: one of them follows, and the others go by what it tells. */
import type { Crew, Stop } from '#base/crew'
import type { ReplicaBlobFacts } from '#api/replication'
import type { Following } from '#replication/follower'

/** How the following goes, as JSON. */
export interface ReplicaState {
  readonly following: Following
  readonly blobs: ReplicaBlobFacts
  readonly primaryUuid: string | undefined
}

interface Needs {
  readonly crew: Crew
  /** Of this process. */
  readonly state: () => ReplicaState
  readonly start: () => void
  readonly stop: Stop
  /** What waits for the primary is to try at once. */
  readonly wake: () => void
}

const STATE = 'replica'
const WAKE = 'wake replica'
const TELL_MS = 100

export class ReplicaCrew {
  readonly #needs: Needs
  #told: ReplicaState | undefined
  #isLeading = false
  #unlead: Stop | undefined

  constructor(needs: Needs) {
    this.#needs = needs
    const { crew, state, wake } = needs
    crew.onCast(STATE, (told) => (this.#told = told as ReplicaState))
    crew.onCast(WAKE, () => this.#isLeading && wake())
    crew.onGather(STATE, () => this.#isLeading && state())
    void crew.gather(STATE).then((answers) => {
      this.#told ??= (answers as (ReplicaState | false)[]).find(Boolean) || undefined
    })
  }

  /** Of whichever process follows. */
  get state(): ReplicaState {
    return (this.#isLeading ? undefined : this.#told) ?? this.#needs.state()
  }

  wake(): void {
    if (this.#isLeading) this.#needs.wake()
    else this.#needs.crew.cast(WAKE, {})
  }

  /** From now on this process follows where it leads. */
  start(): void {
    this.#unlead = this.#needs.crew.lead(() => this.#lead())
  }

  async close(): Promise<void> {
    await this.#unlead?.()
  }

  #lead(): Stop {
    const { crew, start, stop } = this.#needs
    this.#isLeading = true
    start()
    const telling = crew.number === undefined ? undefined : setInterval(this.#tell, TELL_MS).unref()
    return async () => {
      clearInterval(telling)
      await stop()
      this.#isLeading = false
    }
  }

  #last = ''
  readonly #tell = (): void => {
    const state = this.#needs.state()
    const text = JSON.stringify(state)
    if (text !== this.#last) this.#needs.crew.cast(STATE, state)
    this.#last = text
  }
}
