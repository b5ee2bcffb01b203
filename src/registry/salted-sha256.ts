/**
 * Passwords as devpi-servers before 2017 hashed them: SHA-256 over salt and password. They come from a move alone, in a
 * form of our own; nobody can hand one in.
 */
import { createHash, timingSafeEqual } from 'node:crypto'

/** `hex`: what devpi keeps beside the salt. */
export const saltedSha256 = (salt: string, hex: string): string =>
  `$devpi-sha256$${Buffer.from(salt).toString('base64url')}$${hex.toLowerCase()}`

/** False too for a hash of another kind. */
export function verifySaltedSha256(password: string, hash: string): boolean {
  const [, salt, hex] = /^\$devpi-sha256\$([\w-]*)\$([0-9a-f]{64})$/.exec(hash) ?? []
  if (salt === undefined || hex === undefined) return false
  const given = createHash('sha256')
    .update(Buffer.from(salt, 'base64url'))
    .update(password)
    .digest()
  return timingSafeEqual(given, Buffer.from(hex, 'hex'))
}
