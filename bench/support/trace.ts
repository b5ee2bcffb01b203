/** Reads what `strace -f -o FILE` wrote. */

export interface SystemCall {
  readonly name: string
  /** The call as strace prints it, in one piece. */
  readonly text: string
  /** Lines of the log: strace writes them in the order in which things happen. */
  readonly begin: number
  readonly end: number
}

/** In the order in which they began. A call that never returned is left out. */
export function readTrace(log: string): SystemCall[] {
  const open = new Map<string, { begin: number; text: string }>()
  const calls: SystemCall[] = []
  for (const [now, line] of log.split('\n').entries()) {
    const [, thread = '', text = ''] = /^(\d+)\s+(.*)$/.exec(line) ?? []
    if (text === '') continue
    const resumed = /^<\.\.\. \w+ resumed>(.*)$/.exec(text)?.[1]
    const started = /^(.*?)\s*<unfinished \.\.\.>$/.exec(text)?.[1]
    if (started !== undefined) {
      open.set(thread, { begin: now, text: started })
      continue
    }
    const before = resumed === undefined ? undefined : open.get(thread)
    if (resumed !== undefined && !before) continue
    const whole = before ? before.text + resumed : text
    const name = /^(\w+)\(/.exec(whole)?.[1]
    if (name) calls.push({ name, text: whole, begin: before?.begin ?? now, end: now })
  }
  return calls.toSorted((a, b) => a.begin - b.begin)
}
