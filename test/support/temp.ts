/** Temporary folders that go away with the test that made them. */
import { rmSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

export interface TempFolder extends AsyncDisposable {
  readonly path: string
  /** A path inside the folder. */
  join(...parts: string[]): string
  /** Writes a file, with the folders above it, and returns its path. */
  write(name: string, content: string | Uint8Array): Promise<string>
  remove(): Promise<void>
}

const present = new Set<string>()

export async function makeTempFolder(name = 'test'): Promise<TempFolder> {
  const path = await mkdtemp(join(tmpdir(), `wheelyard-${name}-`))
  present.add(path)

  async function write(file: string, content: string | Uint8Array): Promise<string> {
    const target = join(path, file)
    await mkdir(dirname(target), { recursive: true })
    await writeFile(target, content)
    return target
  }

  async function remove(): Promise<void> {
    await rm(path, removal)
    present.delete(path)
  }

  return {
    path,
    join: (...parts) => join(path, ...parts),
    write,
    remove,
    [Symbol.asyncDispose]: remove,
  }
}

// A process that was just killed may still be writing when the removal begins.
const removal = { recursive: true, force: true, maxRetries: 5, retryDelay: 50 } as const

process.once('exit', () => {
  for (const path of present) rmSync(path, removal)
})
