/** What a process holds in memory, as Linux counts it. What its sockets hold in the kernel is not in it. */
import { readFile, writeFile } from 'node:fs/promises'

/** Bytes that are resident now. */
export const residentMemory = (pid: number): Promise<number> => readStatus(pid, 'VmRSS')

/** The most that was resident since `forgetPeak`. */
export const peakMemory = (pid: number): Promise<number> => readStatus(pid, 'VmHWM')

export const forgetPeak = (pid: number): Promise<void> => writeFile(`/proc/${pid}/clear_refs`, '5')

async function readStatus(pid: number, name: string): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  const [, kilobytes] = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status) ?? []
  return Number(kilobytes) * 1024
}
