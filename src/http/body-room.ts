/** Room in memory for bodies that are kept there, for all of them together: many slow senders shall not fill it. */
import { refuse } from '#base/refusal'

/** So much everybody gets, whatever the others hold: logins and small changes go on. */
const SMALL = 64 * 1024
/** What a piece costs besides its bytes. */
const PIECE = 128

export interface Holding {
  /** Refuses with `too-many-requests` what there is no room for. */
  add(bytes: number): void
  leave(): void
}

export class BodyRoom {
  readonly #most: number
  #held = 0

  constructor(most: number) {
    this.#most = most
  }

  enter(): Holding {
    let own = 0
    return {
      add: (bytes) => {
        own += bytes + PIECE
        this.#held += bytes + PIECE
        if (own > SMALL && this.#held > this.#most) throw refuse('too-many-requests')
      },
      leave: () => {
        this.#held -= own
        own = 0
      },
    }
  }
}

/** The server's. */
export const bodyRoom = new BodyRoom(256 * 1024 * 1024)
