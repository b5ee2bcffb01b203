/**
 * A data folder in the form of devpi's export, which devpi-import reads. All of it stands at one serial, also while a
 * server runs. Files come first, `dataindex.json` last; into the same folder again, only what is new is written.
 */
import { mkdir, open, readdir, rename, rm, rmdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { mapInParallel } from '#base/parallel'
import { syncFolder } from '#base/sync-folder'
import type { BlobStore } from '#blobs/blob-store'
import type { Ledger } from '#ledger/ledger'
import type { ReadTransaction } from '#ledger/transaction'
import { keys } from '#registry/keys'
import {
  listFiles,
  listMirroredProjects,
  listMore,
  listStageProjects,
  type Described,
} from './devpi/export-entries.ts'
import { DATA_INDEX } from './devpi/export-reader.ts'
import { printIndex } from './devpi/index-entry.ts'
import { JsonWriter } from './devpi/json-writer.ts'
import { FilePlacer } from './devpi/place-files.ts'
import { printUser } from './devpi/user-entry.ts'
import { Problems, Unusable, type Problem } from './problems.ts'

export interface ExportOrder {
  readonly folder: string
  readonly hardLinks: boolean
  readonly includeMirrored: boolean
  /** So many files there are. */
  readonly onBegin?: (files: number) => void
  readonly onFile?: (name: string) => void
}

export interface ExportOutcome {
  readonly serial: number
  readonly users: number
  readonly indexes: number
  readonly placed: number
  readonly here: number
  /** Files of an earlier export that are no more. */
  readonly removed: number
  readonly bytes: number
  readonly notes: readonly string[]
  /** Files that are lost here. */
  readonly problems: readonly Problem[]
  readonly failed: number
}

interface Needs {
  readonly ledger: Ledger
  readonly blobs: BlobStore
}

/** That the folder is an export of ours, which may be brought up to date. */
const MARK = '.wheelyard-export'
const AT_ONCE = 8
const GATHERED = 64

/** Throws `Unusable` for a folder that holds anything but an export of this program's. */
export async function exportDevpi(needs: Needs, order: ExportOrder): Promise<ExportOutcome> {
  const { ledger } = needs
  await claimFolder(order.folder)
  await ledger.catchUp()
  const { serial } = ledger
  return ledger.readAt(serial, (tx) => new Export(needs.blobs, order, tx).run())
}

async function claimFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o750 })
  const names = await readdir(folder)
  if (names.length > 0 && !names.includes(MARK)) {
    throw new Unusable(`${folder} must be empty, or an export that was made by this program.`)
  }
  await writeFile(join(folder, MARK), '')
}

class Export {
  readonly #order: ExportOrder
  readonly #tx: ReadTransaction
  readonly #placer: FilePlacer
  readonly #problems = new Problems()
  readonly #notes: string[] = []
  /** Of all files that belong to the export. */
  readonly #relpaths = new Set<string>()
  #placed = 0
  #here = 0

  constructor(blobs: BlobStore, order: ExportOrder, tx: ReadTransaction) {
    this.#order = order
    this.#tx = tx
    this.#placer = new FilePlacer(blobs, order.folder, order.hardLinks)
  }

  async run(): Promise<ExportOutcome> {
    const { folder, onBegin } = this.#order
    const tx = this.#tx
    onBegin?.(await this.#countFiles())
    const path = join(folder, `${DATA_INDEX}.part`)
    const users = await tx.list(keys.users())
    const indexes = await tx.list(keys.indexes())
    {
      await using file = await open(path, 'w', 0o640)
      const json = new JsonWriter(file)
      await json.open()
      await json.open('users')
      for (const { name, value } of users) await json.value(name, printUser(name, value))
      await json.close()
      await json.open('indexes')
      for (const { name } of indexes) await this.#writeIndex(json, name)
      await json.close()
      await json.value('dumpversion', '2')
      await json.value('pythonversion', [3, 11, 0, 'final', 0])
      await json.value('devpi_server', '6.20.3')
      await json.close()
      await json.flush()
      await file.sync()
    }
    await rename(path, join(folder, DATA_INDEX))
    await syncFolder(folder)
    const removed = await this.#removeOthers()
    return {
      ...{ serial: tx.serial, users: users.length, indexes: indexes.length },
      ...{ placed: this.#placed, here: this.#here, removed, bytes: this.#placer.bytes },
      ...{ notes: this.#notes, problems: this.#problems.list, failed: this.#problems.count },
    }
  }

  async #countFiles(): Promise<number> {
    const names = await Promise.all(
      [keys.allFiles(), keys.allDocs(), keys.allToxresults()].map((range) =>
        this.#tx.listNames<unknown>(range),
      ),
    )
    return names.flat().length
  }

  async #writeIndex(json: JsonWriter, index: string): Promise<void> {
    const tx = this.#tx
    const entry = await tx.get(keys.index(index))
    if (!entry) return
    const { config, notes } = printIndex(index, entry)
    this.#notes.push(...notes)
    await json.open(index)
    await json.value('indexconfig', config)
    const isStage = entry.type === 'stage'
    if (isStage || this.#order.includeMirrored) {
      await json.open('projects')
      const projects = isStage ? listStageProjects(tx, index) : listMirroredProjects(tx, index)
      for await (const [project, versions] of projects) await json.value(project, versions)
      await json.close()
      await json.openList('files')
      await this.#writeFiles(json, listFiles(tx, index), isStage)
      if (isStage) await this.#writeFiles(json, listMore(tx, index), true)
      await json.close()
    }
    await json.close()
  }

  /** Of a mirror only what is here: the rest can be had again. */
  async #writeFiles(json: JsonWriter, files: AsyncIterable<Described>, areOwn: boolean) {
    let gathered: Described[] = []
    const place = async (): Promise<void> => {
      const placings = await mapInParallel(gathered, AT_ONCE, (file) => this.#placer.place(file))
      for (const [at, { relpath, desc }] of gathered.entries()) {
        const placing = placings[at]
        if (placing === 'missing') {
          if (areOwn) this.#problems.add(relpath, 'its bytes are lost; it was left out')
          continue
        }
        if (placing === 'placed') this.#placed++
        else this.#here++
        this.#relpaths.add(relpath)
        await json.member(desc)
        this.#order.onFile?.(relpath.slice(relpath.lastIndexOf('/') + 1))
      }
      gathered = []
    }
    for await (const file of files) {
      gathered.push(file)
      if (gathered.length >= GATHERED) await place()
    }
    await place()
  }

  /** What an earlier export has left, and the folders that are empty then. */
  async #removeOthers(): Promise<number> {
    const { folder } = this.#order
    let removed = 0
    const clear = async (below: string): Promise<boolean> => {
      let isEmpty = true
      for (const found of await readdir(join(folder, below), { withFileTypes: true })) {
        const relpath = below === '' ? found.name : `${below}/${found.name}`
        if (below === '' && !found.isDirectory()) continue
        if (found.isDirectory()) {
          if (!(await clear(relpath))) isEmpty = false
        } else if (this.#relpaths.has(relpath)) isEmpty = false
        else {
          await rm(join(folder, relpath))
          removed++
        }
      }
      if (isEmpty && below !== '') await rmdir(join(folder, below))
      return isEmpty
    }
    await clear('')
    return removed
  }
}
