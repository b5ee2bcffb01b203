/** Which names users and indexes may have. */

/** Longer ones fit into no URL segment, file name or log line. */
const MAX_LENGTH = 128

/**
 * No control characters, no space, and of ASCII's symbols only `- . @ _`. Letters of any script are fine.
 * A name of dots alone would be eaten by URL resolution.
 */
export function isAllowedName(name: string): boolean {
  if (name === '' || name.length > MAX_LENGTH || !name.isWellFormed()) return false
  if (/^\.+$/.test(name)) return false
  return !/[\p{Cc}\p{Z}!"#$%&'()*+,/:;<=>?[\\\]^`{|}~]/u.test(name)
}
