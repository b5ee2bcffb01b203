/**
 * Hashes of passwords from before devpi-server had argon2: SHA-256 over a salt and the password. They come with what is
 * imported, and are kept as `$devpi-sha256$SALT$HASH` (base64, hex) until the user gets a new password.
 */
import { createHash, timingSafeEqual } from 'node:crypto'

const grammar = /^\$devpi-sha256\$([A-Za-z0-9+/=]{0,1024})\$([0-9a-f]{64})$/

export interface LegacyHash {
  /** As text: its UTF-8 bytes count. */
  readonly salt: string
  /** 64 hex digits. */
  readonly hash: string
}

/** The stored form; undefined where the hash is none of that kind. */
export function legacyHash(salt: string, hash: string): string | undefined {
  const text = `$devpi-sha256$${Buffer.from(salt).toString('base64')}$${hash.toLowerCase()}`
  return grammar.test(text) ? text : undefined
}

/** Undefined for any other text. */
export function readLegacyHash(text: string): LegacyHash | undefined {
  const [, salt, hash] = grammar.exec(text) ?? []
  if (salt === undefined || hash === undefined) return undefined
  return { salt: Buffer.from(salt, 'base64').toString(), hash }
}

export function fitsLegacy(password: string, { salt, hash }: LegacyHash): boolean {
  const found = createHash('sha256').update(salt).update(password).digest()
  return timingSafeEqual(found, Buffer.from(hash, 'hex'))
}
