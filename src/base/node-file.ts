/** What is a server's own and must not be lost nor shared: its identity and the key it signs with. */
import { randomBytes, randomUUID } from 'node:crypto'
import { open, readFile, link, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { syncFolder } from './sync-folder.ts'

export interface NodeFile {
  /** 32 hex digits. */
  readonly uuid: string
  /** 32 random bytes. */
  readonly secret: Buffer
}

const FILE = 'node.json'

/** Reads the folder's node file; the first to come makes it, readable by its owner alone. */
export async function openNodeFile(folder: string): Promise<NodeFile> {
  const path = join(folder, FILE)
  const text = (await readIfThere(path)) ?? (await create(folder, path))
  const { uuid, secret } = JSON.parse(text) as { uuid?: unknown; secret?: unknown }
  if (typeof uuid !== 'string' || typeof secret !== 'string') {
    throw new Error(`${path} is damaged: it has no uuid or no secret`)
  }
  return { uuid, secret: Buffer.from(secret, 'base64') }
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    return undefined
  }
}

async function create(folder: string, path: string): Promise<string> {
  const content = {
    uuid: randomUUID().replaceAll('-', ''),
    secret: randomBytes(32).toString('base64'),
  }
  const text = `${JSON.stringify(content)}\n`
  const temporary = join(folder, `${FILE}.${content.uuid}`)
  const file = await open(temporary, 'wx', 0o600)
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
  try {
    // A link fails where another process was faster; a rename would take its identity away.
    await link(temporary, path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    return readFile(path, 'utf8')
  } finally {
    await unlink(temporary)
  }
  await syncFolder(folder)
  return text
}
