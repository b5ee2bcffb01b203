/** Which names users and indexes may have. */
import { refuse } from '#base/refusal'

/** Longer ones fit into no URL segment, file name or log line. */
const MAX_LENGTH = 128

/**
 * No control characters, no blanks, and of ASCII's symbols only `- . @ _`. Letters of any script are fine. What nobody
 * sees is not: a second `root` could be made with it.
 */
const blocked = /[\p{Cc}\p{Cf}\p{Z}!"#$%&'()*+,/:;<=>?[\\\]^`{|}~]/u

/** Whether a new user or index could be called so. */
export function isAllowedName(name: string): boolean {
  if (name === '' || name.length > MAX_LENGTH || !name.isWellFormed()) return false
  return !blocked.test(name) && !/^\.+$/.test(name)
}

/** Refuses a name that a new user or index cannot have. */
export function assertAllowedName(kind: 'user' | 'index', name: string): void {
  if (name === '' || !name.isWellFormed() || blocked.test(name)) {
    const shown = name.slice(0, MAX_LENGTH).toWellFormed()
    throw kind === 'user'
      ? refuse('user-name-invalid', { user: shown })
      : refuse('index-name-invalid', { index: shown })
  }
  if (name.length > MAX_LENGTH) {
    throw refuse('bad-request', {
      reason: `${kind}name '${name.slice(0, 20)}…' is longer than ${MAX_LENGTH} characters`,
    })
  }
  if (/^\.+$/.test(name)) {
    throw refuse('bad-request', {
      reason: `${kind}name '${name}' has dots only, which an address can't hold`,
    })
  }
}

/** Whether a text could be part of a key. One that can't is the name of nothing. */
export function isKeySegment(text: string): boolean {
  return text !== '' && text.isWellFormed() && !/[/\0]/.test(text)
}
