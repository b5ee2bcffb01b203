/** The server has one core for itself, and what loads it the other. */
import { spawnSync } from 'node:child_process'
import { cpus } from 'node:os'

const SERVER_CORE = '0'
const LOAD_CORE = '1'

export const canPin = cpus().length >= 2 && spawnSync('taskset', ['--version']).error === undefined

export const NOT_PINNED =
  'Server and load share all cores (this needs two cores and taskset, in Debian package util-linux).'

/** A command line that runs on a core of its own. */
export function pinned(core: 'server' | 'load', command: string, args: readonly string[]) {
  const number = core === 'server' ? SERVER_CORE : LOAD_CORE
  return canPin
    ? { command: 'taskset', args: ['--cpu-list', number, command, ...args] }
    : { command, args: [...args] }
}

/** Moves a process that runs, with all its threads, to the server's core. */
export function pinServer(pid: number): void {
  move(pid, SERVER_CORE)
}

/** Lets a process run on any core: one of several servers that together are measured. */
export function unpin(pid: number): void {
  move(pid, `0-${cpus().length - 1}`)
}

/** What `start` begins may use every core, as a reader's own browser does. */
export async function onAllCores<T>(start: () => Promise<T>): Promise<T> {
  unpin(process.pid)
  try {
    return await start()
  } finally {
    move(process.pid, LOAD_CORE)
  }
}

function move(pid: number, to: string): void {
  if (!canPin) return
  const { status, stderr } = spawnSync('taskset', ['-a', '-c', '-p', to, `${pid}`])
  if (status !== 0) throw new Error(`taskset could not move process ${pid}: ${stderr.toString()}`)
}
