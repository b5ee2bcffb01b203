/** Writes a file whole or not at all. */
import { open, realpath, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'

/** In place of what is there, with its permissions; a link stays one. */
export async function replaceFile(path: string, text: string): Promise<void> {
  const real = await realpath(path).catch(() => path)
  const mode = (await stat(real).catch(() => undefined))?.mode
  const temporary = join(dirname(real), `.${basename(real)}.${process.pid}.tmp`)
  const file = await open(temporary, 'wx', mode === undefined ? 0o666 : mode & 0o7777)
  try {
    try {
      await file.writeFile(text)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(temporary, real)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
}
