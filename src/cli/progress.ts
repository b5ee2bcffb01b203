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
