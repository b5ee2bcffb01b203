/** A release as it is to be pushed: its mirror asked, its files here and looked into. */
import { mapInParallel } from '#base/parallel'
import { StorageFailure } from '#base/failure'
import { findIndex } from '#registry/indexes'
import { listResolutionOrder } from '#registry/inheritance'
import { getReleaseCopy, type PushOrder, type ReleaseCopy } from '#registry/push'
import type { FileLink } from '#registry/release-links'
import { freshenIndexes, learnFacts } from './freshen.ts'
import type { Parts } from './parts.ts'
import { readArchive } from './upload-checks.ts'
import { assertStrictArchive } from './upload-strict.ts'

/** Files of one release that are fetched from a mirror's upstream at a time. */
const DOWNLOADS = 4

/** The release as it stands, after its index was brought up to date if it is a mirror. */
export async function findCopy(parts: Parts, order: PushOrder): Promise<ReleaseCopy> {
  const { ledger, mirrors, policies } = parts
  const { source, asked = source, project } = order
  const entry = await ledger.read((tx) => findIndex(tx, source))
  if (entry) {
    const used = [{ name: source, entry }]
    const failure = await freshenIndexes(mirrors, used, project)
    if (failure) throw failure
    const asking = await ledger.read((tx) => listResolutionOrder(tx, asked))
    await learnFacts(parts, { order: asking, used }, project)
  }
  return ledger.read((tx) => getReleaseCopy(tx, policies, order))
}

/** The same, once all of its bytes are in the store and fit to be pushed. */
export async function bringFiles(
  parts: Parts,
  copy: ReleaseCopy,
  options: { readonly order: PushOrder; readonly isStrict: boolean },
): Promise<ReleaseCopy> {
  const files = await mapInParallel(copy.files, DOWNLOADS, async (link) => {
    const { file, path } = copy.isMirrored
      ? await fetchFile(parts, link, options.order)
      : await findFile(parts, link)
    if (options.isStrict) await assertStrictFile(file.filename, path, options.order)
    return file
  })
  return { ...copy, files }
}

async function findFile(
  { blobs }: Parts,
  link: FileLink,
): Promise<{ file: FileLink; path: string }> {
  const path = await blobs.localPath(link.entry.digest ?? '')
  if (path === undefined) throw new StorageFailure(`the blob of ${link.filename} is lost`)
  return { file: link, path }
}

/** What the target shows of a file's metadata is what is in the file, whatever upstream says. */
async function fetchFile(
  { mirrors, blobs }: Parts,
  link: FileLink,
  { source, project }: PushOrder,
): Promise<{ file: FileLink; path: string }> {
  const { filename, entry } = link
  const { digest, size } = await mirrors.keepFile(source, project, filename, entry)
  const path = await blobs.localPath(digest)
  if (path === undefined) throw new StorageFailure(`the blob of ${filename} is lost`)
  const { digest: metadata } = await readArchive(path, filename)
  return { file: { ...link, entry: { ...entry, digest, size, metadata } }, path }
}

async function assertStrictFile(
  filename: string,
  archive: string,
  { project, version }: PushOrder,
): Promise<void> {
  const facts = await readArchive(archive, filename)
  await assertStrictArchive({ filename, archive }, { project, version, facts })
}

/** Whether two looks at a release saw the same bytes. */
export function isSameCopy(a: ReleaseCopy, b: ReleaseCopy): boolean {
  return fingerprint(a) === fingerprint(b)
}

const fingerprint = ({ files, docs, toxresults }: ReleaseCopy): string =>
  JSON.stringify(
    [...files, ...(docs ? [docs] : []), ...toxresults].map(({ path, entry }) => [
      path,
      entry.digest,
    ]),
  )
