/** PHC strings of argon2 hashes, as far as this server is ready to check them. */

export interface PasswordHash {
  readonly algorithm: 'argon2id' | 'argon2i' | 'argon2d'
  /** KiB. */
  readonly memory: number
  readonly passes: number
  readonly parallelism: number
  readonly salt: Buffer
  readonly tag: Buffer
}

const grammar =
  /^\$(argon2(?:id|i|d))\$v=19\$m=(\d{1,8}),t=(\d{1,4}),p=(\d{1,4})\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/

/**
 * Anybody may hand in a hash, and a login has to pay what it asks for. Far above what argon2 libraries choose
 * by themselves.
 */
const most = { memory: 256 * 1024, work: 1024 * 1024, parallelism: 16, bytes: 128 }

/** Undefined for what is no PHC string, what no argon2 could compute, and what costs too much. */
export function parsePhc(text: string): PasswordHash | undefined {
  const [, algorithm, m, t, p, saltText, tagText] = grammar.exec(text) ?? []
  if (algorithm === undefined) return undefined
  const [memory, passes, parallelism] = [Number(m), Number(t), Number(p)]
  const salt = Buffer.from(saltText ?? '', 'base64')
  const tag = Buffer.from(tagText ?? '', 'base64')

  const isPossible =
    parallelism >= 1 &&
    passes >= 1 &&
    memory >= 8 * parallelism && // RFC 9106, section 3.1
    salt.length >= 8 &&
    tag.length >= 4
  const isPayable =
    memory <= most.memory &&
    memory * passes <= most.work &&
    parallelism <= most.parallelism &&
    salt.length <= most.bytes &&
    tag.length <= most.bytes
  if (!isPossible || !isPayable) return undefined
  return {
    algorithm: algorithm as PasswordHash['algorithm'],
    memory,
    passes,
    parallelism,
    salt,
    tag,
  }
}
