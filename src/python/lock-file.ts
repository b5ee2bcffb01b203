/**
 * Lock files, read for what they lock and for where in their text addresses stand: `uv.lock`, PEP 751 `pylock.toml`,
 * and pip's requirements and constraints files with pins.
 */
import { readPylock } from './lock-files/pylock.ts'
import { readLockedRequirements } from './lock-files/requirements.ts'
import { readUvLock } from './lock-files/uv-lock.ts'
import { UnreadableLock, type LockFile } from './lock-files/lock.ts'
import { atOnce, type Steps } from './steps.ts'

export {
  UnreadableLock,
  type LockAddress,
  type LockedFile,
  type LockedNeed,
  type LockedPackage,
  type LockFile,
} from './lock-files/lock.ts'

/** In characters: no real lock file comes near. */
const LONGEST_LOCK = 64 * 1024 * 1024

/** Its kind is told by its name, and otherwise by what stands in it. Throws `UnreadableLock`. */
export const readLockFile = (name: string, text: string): LockFile =>
  atOnce(lockFileSteps(name, text))

/** The same for where others wait. */
export function lockFileSteps(name: string, text: string): Steps<LockFile> {
  if (text.length > LONGEST_LOCK) throw new UnreadableLock(1, 'the file is larger than 64 MiB')
  if (/^pylock(?:\.[^.]+)?\.toml$/.test(name)) return readPylock(text)
  if (name === 'uv.lock') return readUvLock(text)
  if (/^lock-version\s*=/m.test(text)) return readPylock(text)
  if (/^\[\[package\]\]/m.test(text) || name.endsWith('.lock')) return readUvLock(text)
  return readLockedRequirements(text)
}
