/** `wheelyard admin verify` on a data folder, beside a server or without one. */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { runProcess } from './process.ts'
import type { SmallDisk } from './small-disk.ts'

export interface Verified {
  readonly ok: boolean
  readonly serials: number
  readonly blobs: number
}

const program = join(import.meta.dirname, '../../bin/wheelyard.ts')

/** Fails with what the command says if the hash chain or any blob is not as it was. */
export async function verifyStore(folder: string, disk?: SmallDisk): Promise<Verified> {
  const verify = ['admin', 'verify', '--dir', folder, '--json']
  const command = [process.execPath, program, ...verify] as const
  const [first, ...rest] = disk?.inside(command) ?? command
  const { code, output, stdout } = await runProcess(first, rest, {
    env: { HOME: folder, PATH: process.env['PATH'] ?? '/usr/bin:/bin' },
  })
  assert.equal(code, 0, output)
  return JSON.parse(stdout) as Verified
}
