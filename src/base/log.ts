/** Structured lines: one JSON object each, to standard error. */
import { systemClock, type Clock } from './clock.ts'

export const logLevels = ['debug', 'info', 'warn', 'error', 'silent'] as const
export type LogLevel = (typeof logLevels)[number]

export type LogFields = Readonly<Record<string, unknown>>

export interface Log {
  debug(fields: LogFields, message: string): void
  info(fields: LogFields, message: string): void
  warn(fields: LogFields, message: string): void
  /** Give the error as the field `error`: its stack and causes are written, and the line at once. */
  error(fields: LogFields, message: string): void
  /** Writes out what is held back. Called by itself at exit. */
  flush(): void
}

export interface LogOptions {
  readonly level?: LogLevel
  readonly stream?: { write(text: string): unknown }
  readonly clock?: Clock
  /** Stands in each line. Of several processes that write to one place. */
  readonly worker?: number | undefined
}

const heldBytes = 16 * 1024
/** What several processes write to one pipe at once is not mixed up to here (POSIX.1-2017, write, PIPE_BUF). */
const wholeBytes = 4096
const heldMs = 20

const flushes = new Set<() => void>()
process.on('exit', () => flushes.forEach((flush) => flush()))

/** Lines are held back for a moment so that a busy server does not make a system call for each. */
export function createLog(options: LogOptions = {}): Log {
  const { level = 'info', stream = process.stderr, clock = systemClock, worker } = options
  const own = worker === undefined ? '' : `,"worker":${worker}`
  const lowest = logLevels.indexOf(level)
  let held = ''
  let timer: NodeJS.Timeout | undefined
  flushes.add(flush)

  return {
    debug: writer('debug'),
    info: writer('info'),
    warn: writer('warn'),
    error: writer('error'),
    flush,
  }

  function writer(name: Exclude<LogLevel, 'silent'>) {
    const rank = logLevels.indexOf(name)
    if (rank < lowest) return () => {}
    const isUrgent = rank >= logLevels.indexOf('warn')
    return (fields: LogFields, message: string): void => {
      const line = print(clock.now(), { level: name, message, own }, fields)
      if (own !== '' && held.length + line.length > wholeBytes) flush()
      held += line
      if (isUrgent || held.length >= heldBytes) flush()
      else timer ??= setTimeout(flush, heldMs).unref()
    }
  }

  function flush(): void {
    clearTimeout(timer)
    timer = undefined
    if (held === '') return
    const text = held
    held = ''
    stream.write(text)
  }
}

interface Head {
  readonly level: string
  readonly message: string
  /** What stands in each line. */
  readonly own: string
}

function print(at: number, { level, message, own }: Head, fields: LogFields): string {
  const start = `{"time":"${isoTime(at)}","level":"${level}","message":${JSON.stringify(message)}${own}`
  const rest = printFields(fields)
  return rest === '{}' ? `${start}}\n` : `${start},${rest.slice(1)}\n`
}

function printFields(fields: LogFields): string {
  try {
    // without a function JSON.stringify is several times as fast, and most lines need none
    return isPlain(fields) ? JSON.stringify(fields) : JSON.stringify(fields, plain)
  } catch {
    return '{"unprintable":true}' // a circular value must not fail the request that logs it
  }
}

function isPlain(fields: LogFields): boolean {
  for (const name in fields) {
    const value = fields[name]
    if (typeof value === 'bigint' || (typeof value === 'object' && value !== null)) return false
  }
  return true
}

function plain(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString()
  if (!(value instanceof Error)) return value
  const { name, message, stack, cause } = value
  return { name, message, stack, cause }
}

let lastSecond = Number.NaN
let lastStart = ''

/** As `toISOString`, whose work is done once a second. */
function isoTime(at: number): string {
  const ms = Math.trunc(at) % 1000
  const second = Math.trunc(at) - ms
  if (second !== lastSecond) {
    lastSecond = second
    lastStart = new Date(second).toISOString().slice(0, -4)
  }
  return `${lastStart}${ms < 10 ? '00' : ms < 100 ? '0' : ''}${ms}Z`
}
