/** Memory and processor time of a process, as Linux counts them. */
import { readdir, readFile, writeFile } from 'node:fs/promises'

const MB = 1024 * 1024

/** Bytes; none of one that is ending. */
async function readStatus(
  pid: number,
  field: 'VmRSS' | 'VmHWM' | 'RssAnon' | 'RssFile',
): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  return Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? 0) * 1024
}

/** Megabytes that a process has held at its largest so far. */
export async function highestMemory(pid: number): Promise<number> {
  return (await readStatus(pid, 'VmHWM')) / MB
}

/** Megabytes that a process holds now. */
export async function residentMemory(pid: number): Promise<number> {
  return (await readStatus(pid, 'VmRSS')) / MB
}

/** Lets the highest mark of a process begin anew at what it holds now (proc(5)). */
export async function forgetHighest(pid: number): Promise<void> {
  await writeFile(`/proc/${pid}/clear_refs`, '5')
}

/** A process and all below it. */
export async function listFamily(pid: number): Promise<number[]> {
  const below = await Promise.all((await listChildren(pid)).map(listFamily))
  return [pid, ...below.flat()]
}

/** Megabytes of a process and of those it has started. What comes from files, as their program does, they share. */
export async function familyMemory(pid: number): Promise<number> {
  const family = await listFamily(pid)
  const own = await Promise.all(family.map((one) => readStatus(one, 'RssAnon').catch(() => 0)))
  const files = await Promise.all(family.map((one) => readStatus(one, 'RssFile').catch(() => 0)))
  return (own.reduce((sum, bytes) => sum + bytes, 0) + Math.max(...files)) / MB
}

export async function listChildren(pid: number): Promise<number[]> {
  // Empty for one that has ended.
  const tasks = await readdir(`/proc/${pid}/task`).catch(() => [])
  const lists = await Promise.all(
    tasks.map((task) => readFile(`/proc/${pid}/task/${task}/children`, 'utf8').catch(() => '')),
  )
  return lists.join(' ').split(' ').filter(Boolean).map(Number)
}

/** Runs `work` and returns by how many megabytes the process, with all below it, had grown at its largest. */
export async function growthDuring(pid: number, work: () => Promise<void>): Promise<number> {
  const family = await listFamily(pid)
  await Promise.all(family.map(forgetHighest))
  const before = await Promise.all(family.map((one) => readStatus(one, 'VmRSS')))
  await work()
  const after = await Promise.all(family.map((one) => readStatus(one, 'VmHWM').catch(() => 0)))
  return after.reduce((sum, bytes, at) => sum + Math.max(0, bytes - (before[at] ?? 0)), 0) / MB
}

/** Milliseconds that all threads of a process have been running so far. */
export async function processorTime(pid: number): Promise<number> {
  const tasks = await readdir(`/proc/${pid}/task`)
  const times = await Promise.all(
    tasks.map((task) => readFile(`/proc/${pid}/task/${task}/schedstat`, 'utf8')),
  )
  return times.reduce((sum, text) => sum + Number(text.split(' ')[0]) / 1e6, 0)
}

/**
 * The same, with threads that have ended since: never less than before, and to some milliseconds only. A process that has ended
 * itself counts nothing.
 */
export async function wholeProcessorTime(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return stat === '' ? 0 : (Number(fields[11]) + Number(fields[12])) * TICK_MS
}

/** Milliseconds that the processes which this one has started, and which have ended, have been running. */
export async function endedChildrenTime(): Promise<number> {
  const stat = await readFile('/proc/self/stat', 'utf8')
  // Counted from the third field: the second, a name, may hold anything (proc(5)).
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[13]) + Number(fields[14])) * TICK_MS
}

const TICK_MS = 10
