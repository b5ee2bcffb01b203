/** SHA-256 of bytes and streams, as the lower-case hex that names a blob. */
import { createHash, hash } from 'node:crypto'

/** 64 lower-case hex digits. */
export type Sha256 = string & { readonly __brand?: 'Sha256' }

export function sha256(bytes: Uint8Array | string): Sha256 {
  return hash('sha256', bytes, 'hex')
}

export async function sha256OfStream(
  source: AsyncIterable<Uint8Array>,
): Promise<{ readonly digest: Sha256; readonly size: number }> {
  const hashing = createHash('sha256')
  let size = 0
  for await (const chunk of source) {
    hashing.update(chunk)
    size += chunk.byteLength
  }
  return { digest: hashing.digest('hex'), size }
}

/** Upper-case digits are not accepted: one blob has one name. */
export function isSha256(text: string): text is Sha256 {
  return /^[0-9a-f]{64}$/.test(text)
}

/** The digest in either case of letters, as some indexes write it; undefined if it is none. */
export function parseSha256(text: string): Sha256 | undefined {
  const digest = text.toLowerCase()
  return isSha256(digest) ? digest : undefined
}

/** A hex digest of any algorithm: digits in either case, two to a byte. */
export function isHexDigest(text: string, bytes: number): boolean {
  return text.length === 2 * bytes && /^[0-9a-fA-F]*$/.test(text)
}
