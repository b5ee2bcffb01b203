/** For how long what was heard of an upstream is good, and for how long one that failed is left alone. */
import type { MirrorEntry } from '#registry/indexes'
import type { MirrorSettings } from './settings.ts'

const AFTER_FAILURE_MS = 3000

export function expiryMs(mirror: MirrorEntry, settings: MirrorSettings): number {
  const seconds = mirror.mirror_cache_expiry
  return seconds === undefined ? settings.cacheExpiryMs : seconds * 1000
}

/** A failure counts for no longer than an answer would. */
export function holdOffMs(mirror: MirrorEntry, settings: MirrorSettings): number {
  return Math.min(AFTER_FAILURE_MS, expiryMs(mirror, settings))
}
