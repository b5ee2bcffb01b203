/**
 * The distributions of a tree of files, as pypiserver or bandersnatch keep them, go into a stage. What cannot be taken is
 * told and the rest goes on; what was broken off goes on where it was.
 */
import { lstat } from 'node:fs/promises'
import { mapInParallel } from '#base/parallel'
import { Refusal, refuse } from '#base/refusal'
import type { BlobStore } from '#blobs/blob-store'
import type { Ledger } from '#ledger/ledger'
import { ArchiveProblem } from '#python/archive-problem'
import { readLicence } from '#python/licence'
import { metadataField } from '#python/metadata'
import { normalizeName } from '#python/name'
import { inspectWheel } from '#python/wheel-archive'
import { readArchiveFacts, type ArchiveFacts } from '#registry/archive-facts'
import { instant, mergeRelease, type FileEntry } from '#registry/files'
import { getIndex, type IndexName } from '#registry/indexes'
import { keys } from '#registry/keys'
import { ROOT } from '#registry/set-up'
import { assertShownLength, readCoreMetadata } from '#registry/releases'
import { HashCheck } from './devpi/hash-check.ts'
import { isSegment } from './devpi/release-entry.ts'
import { Portions, type Write } from './portions.ts'
import { Problems, type Problem } from './problems.ts'
import { isHere, keepBlob, NoFile, stageFile } from './take-file.ts'
import { findWebFolder, walkBandersnatch } from './tree/bandersnatch.ts'
import { readName, type Found, type FoundFile } from './tree/found-file.ts'
import { walkPlainTree } from './tree/plain-tree.ts'

export type TreeLayout = 'plain' | 'bandersnatch'

export interface TreeOrder {
  readonly folder: string
  readonly index: IndexName
  readonly hardLinks: boolean
  readonly onBegin?: (files: number, layout: TreeLayout) => void
  readonly onFile?: (name: string) => void
}

export interface TreeOutcome {
  readonly layout: TreeLayout
  readonly added: number
  readonly here: number
  readonly bytes: number
  readonly problems: readonly Problem[]
  readonly failed: number
}

interface Needs {
  readonly ledger: Ledger
  readonly blobs: BlobStore
}

const AT_ONCE = 8
const GATHERED = 64

/** Refuses a missing index, and a mirror. */
export async function importTree(needs: Needs, order: TreeOrder): Promise<TreeOutcome> {
  const { ledger } = needs
  const { folder, index, onBegin } = order
  const entry = await ledger.read((tx) => getIndex(tx, index))
  if (entry.type !== 'stage') {
    throw refuse('bad-request', {
      reason: `${index} is a mirror: its files come from its upstream`,
    })
  }
  const web = findWebFolder(folder)
  const walk = (): AsyncGenerator<Found> =>
    web === undefined ? walkPlainTree(folder) : walkBandersnatch(web)
  const layout = web === undefined ? 'plain' : 'bandersnatch'
  let files = 0
  for await (const _found of walk()) files++
  onBegin?.(files, layout)

  const taking = new Taking(needs, order)
  let gathered: Found[] = []
  for await (const found of walk()) {
    gathered.push(found)
    if (gathered.length < GATHERED) continue
    await taking.take(gathered)
    gathered = []
  }
  await taking.take(gathered)
  await taking.flush()
  return { layout, ...taking.outcome() }
}

class Taking {
  readonly #needs: Needs
  readonly #order: TreeOrder
  readonly #portions: Portions
  readonly #problems = new Problems()
  #added = 0
  #here = 0
  #bytes = 0

  constructor(needs: Needs, order: TreeOrder) {
    this.#needs = needs
    this.#order = order
    this.#portions = new Portions(needs.ledger, ROOT)
  }

  outcome(): Omit<TreeOutcome, 'layout'> {
    const problems = this.#problems
    return {
      ...{ added: this.#added, here: this.#here, bytes: this.#bytes },
      ...{ problems: problems.list, failed: problems.count },
    }
  }

  /** Entries are written in the order of the tree: of two files of one name the first counts. */
  async take(found: readonly Found[]): Promise<void> {
    const writes = await mapInParallel(found, AT_ONCE, (one) => this.#prepare(one))
    for (const write of writes) if (write) await this.#portions.add(write)
  }

  flush(): Promise<void> {
    return this.#portions.flush()
  }

  async #prepare(found: Found): Promise<Write | undefined> {
    try {
      if ('problem' in found) throw new Unfit(found.problem)
      return await this.#prepareFile(found)
    } catch (error) {
      this.#problems.add(found.shown, reasonOf(error))
      return undefined
    } finally {
      this.#order.onFile?.('filename' in found ? found.filename : found.shown)
    }
  }

  async #prepareFile(file: FoundFile): Promise<Write | undefined> {
    const { ledger, blobs } = this.#needs
    const { index, hardLinks } = this.#order
    const named = readName(file.filename, file.project)
    if (!named || (file.project !== undefined && named.project !== file.project)) {
      throw new Unfit('the name is none of a file of a project')
    }
    const { project, version } = named
    if (!isSegment(version)) throw new Unfit('no version can be called so')
    const facts = await lstat(file.path)
    const uploadedAt = file.uploadedAt ?? new Date(facts.mtimeMs).toISOString()
    const key = keys.file(index, project, file.filename)
    const known = await ledger.read((tx) => tx.get(key))
    const isKnown =
      file.hashes.sha256 === undefined
        ? known?.size === facts.size && known.uploadedAt === uploadedAt
        : known?.digest === file.hashes.sha256
    if (known && isKnown && (await isHere(blobs, known.digest, facts.size))) {
      this.#here++
      return undefined
    }
    const check = new HashCheck(file.hashes)
    await using staged = await stageFile(blobs, file.path, {
      hardLinks,
      tap: (chunk) => check.update(chunk),
    })
    const problem = check.findProblem(staged.digest)
    if (problem !== undefined) throw new Unfit(problem)
    if (known && known.digest !== staged.digest) throw new Unfit(otherContent(index))
    if (named.parsed.kind === 'wheel') await inspectWheel(staged.path, file.filename)
    const archive = await readArchiveFacts(staged.path, file.filename)
    assertTakes(archive, project)
    const { digest, size } = staged
    await keepBlob(blobs, staged)
    const entry = entryOf(file, { digest, size, version, uploadedAt, archive })
    return this.#write(file, { project, version, entry, archive })
  }

  #write(file: FoundFile, { project, version, entry, archive }: Release): Write {
    const { index } = this.#order
    const { metadata } = archive
    const fields = metadata ? readCoreMetadata(metadata) : {}
    const sent = (metadata && metadataField(metadata, 'version')) ?? version
    const release = isSegment(sent) ? sent : version
    const name = (metadata && metadataField(metadata, 'name')) ?? project
    return async (tx) => {
      const key = keys.file(index, project, file.filename)
      const present = await tx.get(key)
      if (present && present.digest !== entry.digest) {
        this.#problems.add(file.shown, otherContent(index))
        return
      }
      if (present) this.#here++
      else {
        const log = [{ what: 'upload', who: ROOT, when: instant(tx.time), dst: index } as const]
        const own = release === entry.version ? {} : { release }
        tx.set(key, { ...entry, ...own, addedAt: tx.time, log })
        this.#added++
        this.#bytes += entry.size ?? 0
      }
      const known = await tx.get(keys.version(index, project, release))
      const all = { name, version: release, ...fields }
      if (!known) await mergeRelease(tx, index, { project, name, version: release, fields: all })
    }
  }
}

interface Release {
  readonly project: string
  readonly version: string
  readonly entry: Omit<FileEntry, 'addedAt' | 'log'>
  readonly archive: ArchiveFacts
}

interface Taken {
  readonly digest: string
  readonly size: number
  readonly version: string
  readonly uploadedAt: string
  readonly archive: ArchiveFacts
}

function entryOf(file: FoundFile, taken: Taken): Release['entry'] {
  const { digest, size, version, uploadedAt, archive } = taken
  const { metadata } = archive
  return {
    ...{ digest, hashes: { sha256: digest }, size, version, uploadedAt },
    requiresPython: metadata ? metadataField(metadata, 'requires_python') : file.requiresPython,
    ...(file.yanked !== undefined && { yanked: file.yanked }),
    metadata: archive.digest,
    licence: metadata && readLicence(metadata),
    uploader: ROOT,
  }
}

/** As uploads are: an archive that is made to harm, or is of another project, stays outside. */
function assertTakes({ isHostile, problem, metadata }: ArchiveFacts, project: string): void {
  if (isHostile) throw new Unfit(`it is made to harm: ${problem}`)
  const name = metadata && metadataField(metadata, 'name')
  if (name !== undefined && normalizeName(name) !== project) {
    throw new Unfit(`the metadata inside is of ${name}`)
  }
  assertShownLength('requires_python', metadata && metadataField(metadata, 'requires_python'))
}

const otherContent = (index: IndexName): string =>
  `${index} has a file of this name with other content; it stays as it is`

/** Why a file is not taken. */
class Unfit extends Error {}

function reasonOf(error: unknown): string {
  if (error instanceof Unfit || error instanceof Refusal) return error.message
  if (error instanceof ArchiveProblem) return error.reason
  if (error instanceof NoFile) return 'it is no file'
  if (error instanceof Error && 'code' in error) {
    if (error.code === 'ELOOP') return 'it is a symbolic link'
    if (error.code === 'EXDEV') {
      return 'a hard link to it is not possible: it is not on the file system of the data folder'
    }
    return error.message
  }
  throw error
}
