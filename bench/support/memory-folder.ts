/** Temporary folders in memory: what a disk does meanwhile is nobody's figure. */
import { statfs } from 'node:fs/promises'
import { tmpdir } from 'node:os'

const TMPFS = 0x01021994
/** What a measure may fill at most. */
const ENOUGH_BYTES = 2e9

/** From here on this process makes its temporary folders in memory, where the system offers any. */
export async function useMemory(say: (line: string) => void): Promise<void> {
  for (const folder of [tmpdir(), '/dev/shm']) {
    const found = await statfs(folder).catch(() => undefined)
    if (found?.type !== TMPFS || found.bavail * found.bsize < ENOUGH_BYTES) continue
    process.env['TMPDIR'] = folder
    return
  }
  say(`No room in memory for temporary files: the disk of ${tmpdir()} has its say.`)
}
