/** What answers with files, and with what belongs to them, have in common. */
import type { FoundFile } from '#registry/file-path'

/** What is named by its hash never changes. */
export const IMMUTABLE = 'max-age=365000000, immutable, public'

/** Uploaded bytes are not ours: no browser shall run them. */
export const UNTRUSTED = {
  'X-Content-Type-Options': 'nosniff',
  'Content-Security-Policy': 'sandbox',
  'Access-Control-Allow-Origin': '*',
}

/** For a validator, where the digest is not known. */
export const folderTag = ({ file }: FoundFile): string =>
  Object.values(file.hashes)[0] ?? String(file.addedAt)
