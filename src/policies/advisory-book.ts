/** Advisories of one place by project, read from files and zips that anybody may have made. */
import { readdir, readFile, stat } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { createHash } from 'node:crypto'
import { readAdvisory, type AdvisoryEntry } from '#python/advisory'
import { archiveLimits } from '#python/archive-problem'
import { withZip } from '#python/zip-archive'

export interface AdvisoryBook {
  /** Differs wherever the advisories may do. */
  readonly fingerprint: string
  /** How many were read. */
  readonly count: number
  /** Those that were passed over because they make no sense, and why the first did. */
  readonly skipped: { readonly count: number; readonly first: string | undefined }
  readonly byProject: ReadonlyMap<string, readonly AdvisoryEntry[]>
}

/** Files that a folder may hold. */
const MOST_FILES = 200_000
/** Versions and events that are kept in memory. */
const MOST_FACTS = 10_000_000
const { metadataBytes: MOST_BYTES } = archiveLimits

/** The book of a folder, a zip or a JSON file; undefined where its fingerprint is still that of before. */
export async function readBook(path: string, before?: string): Promise<AdvisoryBook | undefined> {
  const files = await listFiles(path)
  const fingerprint = await fingerprintOf(path, files)
  if (fingerprint === before) return undefined
  const writer = new BookWriter()
  for (const file of files) {
    if (!/\.json$/i.test(file)) await addZip(writer, file)
    else writer.add(await readSmall(file), relative(path, file))
  }
  return writer.end(fingerprint)
}

async function listFiles(path: string): Promise<string[]> {
  if (!(await stat(path)).isDirectory()) return [path]
  const entries = await readdir(path, { recursive: true, withFileTypes: true })
  const files = entries
    .filter((entry) => entry.isFile() && /\.(?:json|zip)$/i.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    // A checkout's own folder holds no advisories.
    .filter(
      (file) =>
        !relative(path, file)
          .split(sep)
          .some((part) => part.startsWith('.')),
    )
  if (files.length > MOST_FILES) throw new Error(`it has more than ${MOST_FILES} files`)
  return files.sort()
}

async function fingerprintOf(path: string, files: readonly string[]): Promise<string> {
  const hash = createHash('sha256')
  for (const file of files) {
    const { size, mtimeMs, ino } = await stat(file)
    hash.update(`${relative(path, file)}\0${size} ${mtimeMs} ${ino}\0`)
  }
  return hash.digest('hex')
}

async function readSmall(file: string): Promise<Buffer> {
  const { size } = await stat(file)
  if (size > MOST_BYTES) throw new Error(`a file of it is larger than ${MOST_BYTES} bytes`)
  return readFile(file)
}

async function addZip(writer: BookWriter, file: string): Promise<void> {
  await withZip(file, /\.json$/i, async ({ members, read }) => {
    for (const path of members.keys()) writer.add(await read(path), path)
  })
}

class BookWriter {
  readonly #byProject = new Map<string, AdvisoryEntry[]>()
  #count = 0
  #skipped = 0
  #first: string | undefined
  #facts = 0

  /** One advisory, or a list of them. */
  add(bytes: Buffer, name: string): void {
    let value: unknown
    try {
      value = JSON.parse(bytes.toString())
    } catch {
      return this.#skip(`${name} is no JSON`)
    }
    for (const one of Array.isArray(value) ? (value as unknown[]) : [value]) this.#addOne(one, name)
  }

  /** What holds nothing that makes sense is an error page, or a file of another kind. */
  end(fingerprint: string): AdvisoryBook {
    if (this.#count === 0 && this.#skipped > 0)
      throw new Error(`it has no advisory: ${this.#first}`)
    return {
      fingerprint,
      count: this.#count,
      skipped: { count: this.#skipped, first: this.#first },
      byProject: this.#byProject,
    }
  }

  #addOne(value: unknown, name: string): void {
    const entries = readAdvisory(value)
    if (typeof entries === 'string') return this.#skip(`${name}: ${entries}`)
    this.#count++
    for (const entry of entries) {
      this.#facts += entry.versions.length + entry.ranges.flat().length + 1
      const known = this.#byProject.get(entry.project)
      if (known) known.push(entry)
      else this.#byProject.set(entry.project, [entry])
    }
    if (this.#facts > MOST_FACTS) throw new Error(`it names more than ${MOST_FACTS} versions`)
  }

  #skip(why: string): void {
    this.#skipped++
    this.#first ??= why.slice(0, 300)
  }
}
