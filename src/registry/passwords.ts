/** Passwords: argon2id PHC strings, and a short memory of what was verified. */
import { argon2, createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import { LRUCache } from 'lru-cache'
import { systemClock, type Clock } from '#base/clock'
import { refuse } from '#base/refusal'

const derive = promisify(argon2)

/** OWASP's first choice for argon2id: 19 MiB, two passes, one lane. */
const COST = { memory: 19_456, passes: 2, parallelism: 1 }
const TAG_BYTES = 32
const SALT_BYTES = 16

/** The PHC string of a password: `$argon2id$v=19$m=…,t=…,p=…$salt$hash`. */
export async function hashPassword(password: string): Promise<string> {
  const nonce = randomBytes(SALT_BYTES)
  const tag = await derive('argon2id', { message: password, nonce, tagLength: TAG_BYTES, ...COST })
  const { memory, passes, parallelism } = COST
  return `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$${unpadded(nonce)}$${unpadded(tag)}`
}

const unpadded = (bytes: Buffer): string => bytes.toString('base64').replace(/=+$/, '')

const PHC =
  /^\$(argon2(?:id|i|d))\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/

/** Whether a text is a PHC string that `verifyPassword` understands. */
export const isPasswordHash = (text: string): boolean => PHC.test(text)

/** Whether the password fits the PHC string, with whatever cost that names (imports bring foreign ones). */
export async function verifyPassword(password: string, phc: string): Promise<boolean> {
  const match = PHC.exec(phc)
  if (!match) return false
  const [, algorithm, memory, passes, parallelism, salt, hash] = match
  const expected = Buffer.from(hash!, 'base64')
  const tag = await derive(algorithm as 'argon2id', {
    message: password,
    nonce: Buffer.from(salt!, 'base64'),
    tagLength: expected.length,
    memory: Number(memory),
    passes: Number(passes),
    parallelism: Number(parallelism),
  })
  return timingSafeEqual(tag, expected)
}

/** Runs at most this many derivations at once: each takes a thread and its memory … */
const RUNNING_LIMIT = 2
/** … and keeps at most this many waiting before it asks clients to come back later. */
const WAITING_LIMIT = 256
/** How long a verified password is believed without deriving it again. */
const REMEMBERED_MS = 5 * 60_000

/**
 * Verifies passwords, and remembers for some minutes which were right, so that a password sent with each
 * request costs one derivation. It remembers a keyed hash over the password and its PHC string, in memory
 * only: nothing to read out, and a changed password is forgotten at once.
 */
export class PasswordCheck {
  readonly #key = randomBytes(32)
  readonly #verified = new LRUCache<string, number>({ max: 10_000 })
  readonly #running = new Map<string, Promise<boolean>>()
  readonly #waiting: (() => void)[] = []
  readonly #clock: Clock
  #busy = 0

  constructor(clock: Clock = systemClock) {
    this.#clock = clock
  }

  /** Refuses with `too-many-requests` when too many others wait. */
  async verify(password: string, phc: string): Promise<boolean> {
    const name = createHmac('sha256', this.#key).update(`${phc}\0${password}`).digest('base64')
    if ((this.#verified.get(name) ?? 0) > this.#clock.now()) return true

    const running = this.#running.get(name) ?? this.#derive(name, password, phc)
    this.#running.set(name, running)
    return running.finally(() => this.#running.delete(name))
  }

  async #derive(name: string, password: string, phc: string): Promise<boolean> {
    await this.#takeTurn()
    try {
      const isRight = await verifyPassword(password, phc)
      if (isRight) this.#verified.set(name, this.#clock.now() + REMEMBERED_MS)
      return isRight
    } finally {
      this.#busy--
      this.#waiting.shift()?.()
    }
  }

  async #takeTurn(): Promise<void> {
    if (this.#busy >= RUNNING_LIMIT) {
      if (this.#waiting.length >= WAITING_LIMIT) throw refuse('too-many-requests')
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
    }
    this.#busy++
  }
}
