/** Makes names in a folder durable: a renamed file survives a power loss once its folder is synced. */
import { close, fsync, open } from 'node:fs'
import { promisify } from 'node:util'
import { errorCode } from './disk-failure.ts'

const openFile = promisify(open)
const syncFile = promisify(fsync)
const closeFile = promisify(close)

export async function syncFolder(folder: string): Promise<void> {
  const fd = await openFile(folder, 'r')
  try {
    await syncOpenFolder(fd)
  } finally {
    await closeFile(fd)
  }
}

export async function syncOpenFolder(fd: number): Promise<void> {
  try {
    await syncFile(fd)
  } catch (error) {
    // Some network file systems cannot sync a folder: they write names through at once.
    if (!['EINVAL', 'ENOTSUP'].includes(errorCode(error) ?? '')) throw error
  }
}
