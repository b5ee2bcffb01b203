/** Lists of names in a folder of this machine. Which one is a mirror's stands in the local state, for all processes. */
import type { Stats } from 'node:fs'
import { mkdir, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '#base/clock'
import { sha256 } from '#base/digest'
import { errorCode } from '#base/disk-failure'
import { SingleFlight } from '#base/single-flight'
import { parseName } from '#python/name'
import type { IndexName } from '#registry/indexes'
import { NAMES, type LocalState, type Look } from './local-state.ts'
import { NameFile } from './name-file.ts'
import { NameSorter } from './name-sorter.ts'

/** Nobody works on a file that long. */
const ABANDONED_MS = 3_600_000

export class NameLists {
  readonly #folder: string
  readonly #needs: { readonly local: LocalState; readonly clock: Clock }
  readonly #opening = new SingleFlight<string, NameFile>()
  readonly #open = new Map<IndexName, NameFile>()
  #temporary = 0

  constructor(folder: string, needs: { readonly local: LocalState; readonly clock: Clock }) {
    this.#folder = folder
    this.#needs = needs
  }

  /** Makes the folder, and removes what a process that died left behind. */
  async setUp(): Promise<void> {
    const { local, clock } = this.#needs
    await mkdir(this.#folder, { recursive: true })
    const lists = local
      .listNamesLooks()
      .map(({ index, fingerprint }) => listName(index, fingerprint))
    for (const name of await readdir(this.#folder)) {
      const path = join(this.#folder, name)
      const age = clock.now() - ((await statIfThere(path))?.mtimeMs ?? 0)
      if (!lists.includes(name) && age > ABANDONED_MS) await rm(path, { force: true })
    }
  }

  /** The list that is here, however old. The local state names it: another process may have fetched it. */
  async find(index: IndexName): Promise<{ list: NameFile | undefined; look: Look | undefined }> {
    const look = this.#needs.local.find(index, NAMES)
    if (!look) return { list: undefined, look: undefined }
    const open = this.#open.get(index)
    if (open?.etag === look.fingerprint) return { list: open, look }
    try {
      const path = join(this.#folder, listName(index, look.fingerprint))
      const list = await this.#opening.run(path, () => NameFile.open(path))
      this.#open.set(index, list)
      return { list, look }
    } catch (error) {
      if (errorCode(error) !== 'ENOENT') throw error
      return { list: undefined, look: undefined }
    }
  }

  /** Sorts names into a file, which is not yet the mirror's list. */
  async write(index: IndexName, batches: AsyncIterable<string[]>): Promise<NameFile> {
    const path = join(this.#folder, `${process.pid}-${this.#temporary++}.new`)
    await using sorter = await NameSorter.create(path)
    for await (const names of batches) {
      await sorter.add(names.flatMap((name) => parseName(name) ?? []))
    }
    await sorter.finish()
    const list = await NameFile.open(path)
    await list.moveTo(join(this.#folder, listName(index, list.etag)))
    return list
  }

  /** Makes it the mirror's list. */
  async use(index: IndexName, list: NameFile, look: Omit<Look, 'fingerprint'>): Promise<void> {
    const previous = this.#open.get(index)?.path
    this.#needs.local.save(index, NAMES, { ...look, fingerprint: list.etag })
    this.#open.set(index, list)
    await this.#removeOthers(index, [list.path, previous])
  }

  /** The previous list stays a while, for those who are reading it. */
  async #removeOthers(index: IndexName, kept: readonly (string | undefined)[]): Promise<void> {
    for (const name of await readdir(this.#folder)) {
      const path = join(this.#folder, name)
      if (name.startsWith(prefixOf(index)) && !kept.includes(path)) await rm(path, { force: true })
    }
  }
}

/** An index's name may hold what a file's may not. */
function prefixOf(index: IndexName): string {
  return `${sha256(index).slice(0, 16)}-`
}

function listName(index: IndexName, fingerprint: string): string {
  return prefixOf(index) + fingerprint
}

async function statIfThere(path: string): Promise<Stats | undefined> {
  try {
    return await stat(path)
  } catch {
    return undefined // another process has removed it
  }
}
