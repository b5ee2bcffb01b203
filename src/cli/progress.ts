/** How far long work is, on standard error. */
import { hasFlag, type Given } from './command.ts'

/** Called with the name of each thing that is done, and with undefined at the end. */
export type ShowProgress = (name: string | undefined) => void

/** A bar on a terminal, a line per thing otherwise; nothing but the result with `--json`. */
export function startProgress(given: Given, total: number): ShowProgress {
  const { stderr } = given.world
  let done = 0
  if (hasFlag(given, 'json')) return () => {}
  if (!stderr.isTTY) {
    return (name) => {
      if (name !== undefined) stderr.write(`[${++done}/${total}] ${name}\n`)
    }
  }
  const width = Math.max(10, Math.min(40, (stderr.columns ?? 80) - 40))
  return (name) => {
    if (name === undefined) return void (done > 0 && stderr.write('\n'))
    const full = Math.min(width, Math.round((++done / Math.max(total, 1)) * width))
    const bar = `${'#'.repeat(full)}${'-'.repeat(width - full)}`
    stderr.write(`\r\u001b[K${bar} ${done}/${total}`)
  }
}

/** Between two lines where there is no terminal: so much of all, or so many where nobody knows of how many. */
const LINE_EVERY = 0.05
const LINE_EVERY_MANY = 1000

/** Of things without names: called with how many more are done, and with undefined at the end. */
export function startCounter(given: Given, total: number | undefined, what: string) {
  const { stderr } = given.world
  let done = 0
  let told = 0
  const isQuiet = hasFlag(given, 'json') || total === 0
  const width = Math.max(10, Math.min(40, (stderr.columns ?? 80) - 40))
  const step = total === undefined ? LINE_EVERY_MANY : total * LINE_EVERY
  const of = total === undefined ? '' : `/${total}`
  return (more: number | undefined): void => {
    if (isQuiet) return
    if (more === undefined) return void (stderr.isTTY && done > 0 && stderr.write('\n'))
    done += more
    if (stderr.isTTY) {
      const full = total === undefined ? 0 : Math.min(width, Math.round((done / total) * width))
      const bar = total === undefined ? '' : `${'#'.repeat(full)}${'-'.repeat(width - full)} `
      stderr.write(`\r\u001b[K${bar}${done}${of} ${what}`)
    } else if (done - told >= step || done === total) {
      told = done
      stderr.write(`[${done}${of}] ${what}\n`)
    }
  }
}
