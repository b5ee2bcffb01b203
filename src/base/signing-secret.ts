/** The secret that logins are signed with, in a file of its own (devpi-http 9.4). */
import { randomBytes } from 'node:crypto'
import type { Stats } from 'node:fs'
import { open, readFile, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { StartRefused } from './start-refused.ts'

const LEAST_BYTES = 32
const LEAST_DIFFERENT = 6

/** Writes a new secret, for its owner alone. Returns false, and changes nothing, where the file is there. */
export async function makeSigningSecret(path: string): Promise<boolean> {
  try {
    await using file = await open(path, 'wx', 0o600)
    await file.writeFile(randomBytes(LEAST_BYTES).toString('base64'))
    await file.sync()
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

/** Reads the file. Refuses one that others could read or replace, and a secret that could be guessed. */
export async function readSigningSecret(path: string): Promise<Buffer> {
  const [file, folder] = await Promise.all([statIfThere(path), statIfThere(dirname(path))])
  if (!file?.isFile() || !folder) {
    const tries = [`wheelyard admin gen-secret --secret-file ${path}`]
    throw new StartRefused(`The given secret file ${path} doesn't exist.`, tries)
  }
  if (process.platform !== 'win32') assertKept(path, file, folder)

  const secret = await readFile(path)
  const weakness =
    secret.length < LEAST_BYTES
      ? `too short, it should be at least ${LEAST_BYTES} characters long`
      : new Set(secret).size < LEAST_DIFFERENT && 'too weak, it should use less repetition'
  if (!weakness) return secret
  throw new StartRefused(`The secret in the given secret file ${path} is ${weakness}.`, [
    'wheelyard admin gen-secret --secret-file FILE, for a new one',
  ])
}

function assertKept(path: string, { mode }: Stats, folder: Stats): void {
  const user = `chmod 600 ${path}`
  const refuse = (problem: string, ...tries: string[]) => new StartRefused(problem, tries)
  const file = `The given secret file ${path} is`
  const own = 'the access mode must be user accessible only (0600).'
  if (mode & 0o007) throw refuse(`${file} world accessible, ${own}`, user)
  if (mode & 0o070) throw refuse(`${file} group accessible, ${own}`, user)

  const where = `The folder of the given secret file, ${dirname(path)}, is`
  const alone = 'it must only be writable by the user.'
  const move = 'a folder of its own for the file, with mode 700'
  if (folder.mode & 0o020) throw refuse(`${where} group writable, ${alone}`, move)
  if (folder.mode & 0o002) throw refuse(`${where} world writable, ${alone}`, move)
}

async function statIfThere(path: string): Promise<Stats | undefined> {
  return stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined
    throw error
  })
}
