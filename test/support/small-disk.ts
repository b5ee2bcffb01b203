/** A disk of a few megabytes, in a mount namespace of its own: it goes away with its last process, whatever happens. */
import { spawnSync } from 'node:child_process'
import { statfs, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { errorCode } from '#base/disk-failure'
import { startProcess } from './process.ts'
import { makeTempFolder } from './temp.ts'

export type CommandLine = readonly [program: string, ...args: string[]]

export interface SmallDisk extends AsyncDisposable {
  /** For processes inside; all others find an empty folder there. */
  readonly path: string
  /** How a program is started so that it finds the disk. */
  inside(command: CommandLine): CommandLine
  /** The path of a file on the disk, for this process. */
  seen(name: string): string
  /** Writes a file that leaves so many bytes free, or, if that is less already, nothing. */
  fillUp(name: string, leaving?: number): Promise<void>
}

const ownMounts = ['--user', '--map-root-user', '--mount'] as const

/** Why there can be no such disk here, for `skip`; false where there can. */
export function whyNoSmallDisk(): string | false {
  const mount = [...ownMounts, 'mount', '-t', 'tmpfs', 'none', tmpdir()]
  return spawnSync('unshare', mount).status === 0 ? false : 'may not mount a small disk here'
}

/** `size` as mount(8) takes it, such as `8m`. */
export async function mountSmallDisk(size: string): Promise<SmallDisk> {
  const folder = await makeTempFolder('disk')
  const script = `mount -t tmpfs -o size=${size} none "$0" && echo mounted && exec sleep infinity`
  const env = { PATH: process.env['PATH'] ?? '/usr/bin:/bin' }
  const keeper = startProcess('unshare', [...ownMounts, 'sh', '-c', script, folder.path], { env })
  await keeper.until(() => keeper.stdout.includes('mounted') || undefined)
  const entry = ['--preserve-credentials', '--user', '--mount', '--target', `${keeper.pid}`]
  const seen = (name: string): string => join(`/proc/${keeper.pid}/root`, folder.path, name)

  return {
    path: folder.path,
    inside: (command) => ['nsenter', ...entry, ...command],
    seen,
    fillUp: (name, leaving = 0) => fillUp(seen(name), leaving),
    async [Symbol.asyncDispose]() {
      await keeper.kill()
      await folder.remove()
    },
  }
}

async function fillUp(path: string, leaving: number): Promise<void> {
  await writeFile(path, '')
  const { bavail, bsize } = await statfs(path)
  try {
    await writeFile(path, Buffer.alloc(Math.max(0, bavail * bsize - leaving)))
  } catch (error) {
    // Somebody else has written meanwhile: it is as full as can be.
    if (errorCode(error) !== 'ENOSPC') throw error
  }
}
