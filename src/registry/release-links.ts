/** What a release has on one index: its files, their test results and its documentation (devpi's `+links`). */
import type { ReadTransaction } from '#ledger/transaction'
import type { ProjectName } from '#python/name'
import { eachInTurn } from '#python/steps'
import { docsFilename, type DocsEntry } from './docs.ts'
import { bestHash, fileFolder, hashFolder } from './file-path.ts'
import type { FileEntry, LogEntry } from './files.ts'
import type { IndexName } from './indexes.ts'
import { keys } from './keys.ts'
import type { ToxresultEntry } from './toxresults.ts'

/** As devpi names them. */
export type Rel = 'releasefile' | 'doczip' | 'toxresult'

interface LinkFacts {
  /** The version as it was sent. */
  readonly release: string
  readonly filename: string
  /** Below the server's root: `user/index/+f/abc/0123456789abc/NAME`. */
  readonly path: string
  readonly hashes: Readonly<Record<string, string>>
  /** `sha256=…`; empty where upstream tells none. */
  readonly hashSpec: string
  readonly addedAt: number
  readonly log: readonly LogEntry[] | undefined
}

export interface FileLink extends LinkFacts {
  readonly rel: 'releasefile'
  readonly entry: FileEntry
}

export interface DocsLink extends LinkFacts {
  readonly rel: 'doczip'
  readonly entry: DocsEntry
}

export interface ToxresultLink extends LinkFacts {
  readonly rel: 'toxresult'
  readonly entry: ToxresultEntry
  /** The tested file. */
  readonly of: FileLink
}

export type ReleaseLink = FileLink | DocsLink | ToxresultLink

/** The version that a file belongs to, as it was sent. */
export const releaseOf = ({ release, version }: FileEntry): string => release ?? version

/** All links of a project by release, in the order in which they came. */
export async function listReleaseLinks(
  tx: ReadTransaction,
  index: IndexName,
  project: ProjectName,
): Promise<Map<string, ReleaseLink[]>> {
  // What came in one change keeps this order: files, each with its results, then documentation.
  const files = new Map<string, [FileLink, ...ToxresultLink[]]>()
  await eachInTurn(await tx.list(keys.files(index, project)), ({ name, value }) => {
    files.set(name, [fileLink(index, name, value)])
  })
  const results = await tx.list(keys.toxresults(index, project))
  for (const { name: below, value } of results.toSorted(byNumber)) {
    const slash = below.indexOf('/')
    const tested = files.get(below.slice(0, slash))
    tested?.push(toxresultLink(tested[0], below.slice(slash + 1), value))
  }
  const links: ReleaseLink[] = [...files.values()].flat()
  for (const { name: version, value } of await tx.list(keys.docsOf(index, project))) {
    links.push(docsLink(index, project, version, value))
  }
  links.sort((a, b) => a.addedAt - b.addedAt)
  return Map.groupBy(links, ({ release }) => release)
}

/** Results are numbered: the tenth comes after the second. */
const { compare } = new Intl.Collator('en', { numeric: true })
const byNumber = (a: { readonly name: string }, b: { readonly name: string }) =>
  compare(a.name, b.name)

function fileLink(index: IndexName, filename: string, entry: FileEntry): FileLink {
  const { hashes, addedAt, log } = entry
  return {
    rel: 'releasefile',
    release: releaseOf(entry),
    filename,
    path: `${index}/${fileFolder(entry)}/${filename}`,
    hashes,
    hashSpec: hashSpec(entry),
    addedAt,
    log,
    entry,
  }
}

/** `sha256=…`, with the hash that names the file; empty where upstream tells none. */
export function hashSpec(entry: Pick<FileEntry, 'hashes'>): string {
  const best = bestHash(entry)
  const [algorithm] = Object.entries(entry.hashes).find(([, hex]) => hex === best) ?? []
  return algorithm === undefined ? '' : `${algorithm}=${best}`
}

/** The documentation as a link. */
export function docsLink(
  index: IndexName,
  project: ProjectName,
  version: string,
  entry: DocsEntry,
): DocsLink {
  const filename = docsFilename(project, version)
  const path = `${index}/${hashFolder(entry.digest)}/${filename}`
  return { rel: 'doczip', release: version, filename, path, ...ownFacts(entry), entry }
}

/** A test result as a link. It lies in the folder of the tested file. */
function toxresultLink(of: FileLink, filename: string, entry: ToxresultEntry): ToxresultLink {
  const path = of.path.slice(0, -of.filename.length) + filename
  const { release } = of
  return { rel: 'toxresult', release, filename, path, ...ownFacts(entry), entry, of }
}

function ownFacts({ digest, addedAt, log }: DocsEntry | ToxresultEntry) {
  return { hashes: { sha256: digest }, hashSpec: `sha256=${digest}`, addedAt, log }
}
