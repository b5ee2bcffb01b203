/** Why the operating system would not do something with a file, in words that end a sentence. */
import { errorCode } from './disk-failure.ts'

const reasons: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'it is on a file system that is read only',
  ENOSPC: 'no room is left',
  EISDIR: 'it is a folder',
  ENOTDIR: 'it is no folder',
  EEXIST: 'a file is there',
}

/** After "FILE cannot be read: ". */
export const whyUnreadable = (error: unknown): string => why(error, 'there is no such file')

/** After "FILE cannot be written: ", or "made". */
export const whyUnwritable = (error: unknown): string => why(error, 'there is no such folder')

function why(error: unknown, absent: string): string {
  const code = errorCode(error) ?? ''
  if (code === 'ENOENT') return absent
  return reasons[code] ?? (error instanceof Error ? error.message : String(error))
}
