/** A folder of wheels and sdists, taken into an index as a whole or not at all: first all is looked at, then copied. */
import { createHash } from 'node:crypto'
import { constants } from 'node:fs'
import { open, readdir, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { mapInParallel } from '#base/parallel'
import { Refusal } from '#base/refusal'
import type { BlobStore } from '#blobs/blob-store'
import type { Ledger } from '#ledger/ledger'
import type { ReadTransaction, WriteTransaction } from '#ledger/transaction'
import { ArchiveProblem } from '#python/archive-problem'
import { parseFilename } from '#python/filename'
import { readLicence } from '#python/licence'
import { metadataField } from '#python/metadata'
import { printVersion } from '#python/version'
import { inspectWheel } from '#python/wheel-archive'
import { addFile, judgeUpload, type Upload } from '#registry/files'
import { getIndex, type IndexName, type StageEntry } from '#registry/indexes'
import { keys } from '#registry/keys'
import { assertShownLength, readCoreMetadata } from '#registry/releases'
import { agrees, assertPlainFilename, readArchive } from './upload-checks.ts'
import { assertOnlySdist, assertStrictArchive, assertStrictPlace } from './upload-strict.ts'

export interface ImportProblem {
  readonly what: string
  readonly reason: string
}

export interface Imported {
  /** Names of files. */
  readonly added: readonly string[]
  readonly here: readonly string[]
  /** Where there is one, nothing was done. */
  readonly problems: readonly ImportProblem[]
}

interface Needs {
  readonly ledger: Ledger
  readonly blobs: BlobStore
  /** Bytes. */
  readonly maxSize: number
}

interface Order {
  readonly folder: string
  readonly index: IndexName
}

const ACTOR = 'root'
const AT_ONCE = 4

/** Into a stage as uploads; into a mirror only files that it knows by their SHA-256. */
export async function importFiles(needs: Needs, { folder, index }: Order): Promise<Imported> {
  const { ledger, blobs, maxSize } = needs
  await ledger.read((tx) => getIndex(tx, index))
  const names = (await readdir(folder)).filter((name) => !name.startsWith('.')).toSorted()
  const problems: ImportProblem[] = []
  const looked = await mapInParallel(names, AT_ONCE, async (name) => {
    try {
      const upload = await readFile(join(folder, name), name, maxSize)
      const archive = join(folder, name)
      const foreseen = await ledger.read((tx) => foresee(tx, index, upload, archive))
      // The bytes may be lost though the digest is known.
      const isHere = foreseen === 'is known' && (await blobs.size(upload.digest)) !== undefined
      const outcome = isHere ? 'changes nothing' : foreseen
      return { upload, outcome }
    } catch (error) {
      problems.push({ what: name, reason: reasonOf(error) })
      return undefined
    }
  })
  if (problems.length > 0) return { added: [], here: [], problems }

  const uploads = looked.flatMap((one) => (one ? [one] : []))
  const isNew = ({ outcome }: { outcome: Outcome }): boolean => outcome !== 'changes nothing'
  const added = uploads.filter(isNew).map(({ upload }) => upload)
  const here = uploads.filter((one) => !isNew(one)).map(({ upload }) => upload.filename)
  await mapInParallel(added, AT_ONCE, (upload) => copy(blobs, folder, upload))
  if (added.length > 0) {
    await ledger.write(ACTOR, async (tx) => {
      for (const upload of added) await add(tx, index, upload)
    })
  }
  return { added: added.map(({ filename }) => filename), here, problems }
}

/** Never through a symbolic link. */
function openPlainly(path: string): Promise<FileHandle> {
  return open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
}

async function readFile(path: string, filename: string, maxSize: number): Promise<Upload> {
  assertPlainFilename(filename)
  const parsed = parseFilename(filename)
  const { name: project, version, versionText } = parsed ?? {}
  if (!project || !version || versionText === undefined || parsed?.kind === 'legacy') {
    throw new Unfit('the name is none of a wheel or an sdist')
  }
  const { digest, size } = await hash(path, maxSize)
  if (parsed?.kind === 'wheel') await inspectWheel(path, filename)
  const facts = await readArchive(path, filename)
  const text = printVersion(version)
  if (facts.metadata && !agrees(facts.metadata, project, text)) {
    throw new Unfit(`the metadata inside is not of ${project} ${text}`)
  }
  const requiresPython = facts.metadata && metadataField(facts.metadata, 'requires_python')
  assertShownLength('requires_python', requiresPython)
  return {
    project,
    name: (facts.metadata && metadataField(facts.metadata, 'name')) ?? project,
    version: (facts.metadata && metadataField(facts.metadata, 'version')) ?? text,
    filename,
    digest,
    size,
    fileVersion: text,
    requiresPython,
    metadata: facts.digest,
    licence: facts.metadata && readLicence(facts.metadata),
    attestations: undefined,
    fields: facts.metadata ? readCoreMetadata(facts.metadata) : {},
  }
}

async function hash(path: string, maxSize: number): Promise<{ digest: string; size: number }> {
  await using file = await openPlainly(path)
  const facts = await file.stat()
  if (!facts.isFile()) throw new Unfit('it is no file')
  if (facts.size > maxSize) throw new Unfit(`it is larger than ${maxSize} bytes`)
  const hashing = createHash('sha256')
  let size = 0
  for await (const chunk of file.createReadStream({ autoClose: false }) as AsyncIterable<Buffer>) {
    hashing.update(chunk)
    size += chunk.length
  }
  return { digest: hashing.digest('hex'), size }
}

/** `is known`: a mirror's entry says all that there is to say. */
type Outcome = Awaited<ReturnType<typeof judgeUpload>> | 'is known'

async function foresee(
  tx: ReadTransaction,
  index: IndexName,
  upload: Upload,
  archive: string,
): Promise<Outcome> {
  const entry = await getIndex(tx, index)
  if (entry.type === 'mirror') return judgeKnown(tx, index, upload)
  if (entry.strict_uploads) {
    const { project, fileVersion: version, filename } = upload
    const facts = await readArchive(archive, filename)
    await assertStrictArchive({ filename, archive }, { project, version, facts })
    await assertOnlySdist(tx, index, upload)
  }
  return judgeStage(tx, index, entry, upload)
}

async function judgeStage(
  tx: ReadTransaction,
  index: IndexName,
  stage: StageEntry,
  upload: Upload,
): Promise<Outcome> {
  if (stage.strict_uploads) await assertStrictPlace(tx, index, upload)
  return judgeUpload(tx, index, stage, upload)
}

async function judgeKnown(
  tx: ReadTransaction,
  index: IndexName,
  { project, filename, digest }: Upload,
): Promise<Outcome> {
  const known = await tx.get(keys.file(index, project, filename))
  if (!known) throw new Unfit(`the mirror ${index} knows no such file`)
  const listed = known.digest ?? known.hashes.sha256?.toLowerCase()
  if (listed === undefined) throw new Unfit(`the mirror ${index} knows no SHA-256 of it`)
  if (listed !== digest) throw new Unfit(`its SHA-256 is ${digest}, not ${listed} as upstream says`)
  return known.digest === digest ? 'is known' : 'adds'
}

/** The bytes that were looked at, and no others. */
async function copy(blobs: BlobStore, folder: string, upload: Upload): Promise<void> {
  await using file = await openPlainly(join(folder, upload.filename))
  await using staged = await blobs.stage(file.createReadStream({ autoClose: false }))
  if (staged.digest !== upload.digest) {
    throw new Unfit(`${upload.filename} was changed while it was read`)
  }
  await staged.keep()
}

async function add(tx: WriteTransaction, index: IndexName, upload: Upload): Promise<void> {
  const entry = await getIndex(tx, index)
  if (entry.type === 'stage') {
    await judgeStage(tx, index, entry, upload)
    await addFile(tx, index, entry, upload, ACTOR)
    return
  }
  await judgeKnown(tx, index, upload)
  const { project, filename, digest, size, metadata } = upload
  const key = keys.file(index, project, filename)
  const known = await tx.get(key)
  if (!known || known.digest === digest) return
  tx.set(key, { ...known, digest, size, metadata: known.metadata ?? metadata })
}

/** Why a file is not taken. */
class Unfit extends Error {}

function reasonOf(error: unknown): string {
  if (error instanceof Unfit || error instanceof Refusal) return error.message
  if (error instanceof ArchiveProblem) return error.reason
  if (error instanceof Error && 'code' in error) {
    return error.code === 'ELOOP' ? 'it is a symbolic link' : error.message
  }
  throw error
}
