/** What happened to a file, as devpi's links log it. */
import type { LogEntry } from '#registry/files'
import { isRecord } from './user-entry.ts'

const isInstant = (when: unknown): when is number[] =>
  Array.isArray(when) && when.length === 6 && when.every((part) => Number.isInteger(part))

/** Undefined where there is no log. Entries of other kinds than devpi 6 has, or without a time, are passed over. */
export function readLog(value: unknown): LogEntry[] | undefined {
  if (!Array.isArray(value)) return undefined
  return value.flatMap((one: unknown) => {
    if (!isRecord(one) || !isInstant(one.when)) return []
    const { what, who, when, dst, src, count } = one
    if (what !== 'upload' && what !== 'push' && what !== 'overwrite') return []
    return [
      {
        what,
        who: typeof who === 'string' ? who : null,
        when,
        ...(typeof dst === 'string' && { dst }),
        ...(typeof src === 'string' && { src }),
        ...(typeof count === 'number' && { count }),
      },
    ]
  })
}

/** When it came to where it is, in milliseconds; undefined where the log does not tell. */
export function cameAt(log: readonly LogEntry[] | undefined): number | undefined {
  const { when } = log?.findLast(({ what }) => what !== 'overwrite') ?? {}
  if (!when) return undefined
  const [year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0] = when
  const at = Date.UTC(year, month - 1, day, hour, minute, second)
  return Number.isFinite(at) ? at : undefined
}

/** Who uploaded it first; undefined for nobody that is known. */
export function uploaderIn(log: readonly LogEntry[] | undefined): string | undefined {
  return log?.find(({ what }) => what === 'upload')?.who ?? undefined
}
