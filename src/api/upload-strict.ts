/** What an index with `strict_uploads` refuses besides, once the form is right: PyPI's rules (index-standards 3.2, 9.9). */
import { refuse } from '#base/refusal'
import type { Serial } from '#ledger/key'
import type { ReadTransaction } from '#ledger/transaction'
import { distributionVersion, parseSdistFilename, parseWheelFilename } from '#python/filename'
import type { ProjectName } from '#python/name'
import { readSdistMetadata } from '#python/sdist-archive'
import { inspectWheel } from '#python/wheel-archive'
import { ArchiveProblem } from '#python/archive-problem'
import type { Upload } from '#registry/files'
import type { IndexName } from '#registry/indexes'
import { keys } from '#registry/keys'
import { agrees, isSameVersion, type ArchiveFacts } from './upload-checks.ts'
import type { UploadForm } from './upload-form.ts'

const invalid = (reason: string) => refuse('upload-invalid', { reason })

/** The file: its name, its agreement with the form, and that installers would take it. */
export async function assertStrictFile(
  form: UploadForm,
  project: ProjectName,
  version: string,
  facts: ArchiveFacts,
): Promise<void> {
  const { filename } = form
  const expected = filename.endsWith('.whl') ? 'bdist_wheel' : 'sdist'
  assertStrictFilename(filename, project, version)
  if (form.field('filetype') !== expected) throw invalid(`filetype: ${filename} is of ${expected}`)
  await assertStrictArchive(form, { project, version, facts })
}

interface StrictClaim {
  readonly project: ProjectName
  readonly version: string
  readonly facts: ArchiveFacts
}

/** A file that lies somewhere else already: its name, and that installers would take it. */
export async function assertStrictArchive(
  { filename, archive }: Pick<UploadForm, 'filename' | 'archive'>,
  { project, version, facts }: StrictClaim,
): Promise<void> {
  assertStrictFilename(filename, project, version)
  try {
    if (filename.endsWith('.whl')) await inspectWheel(archive, filename)
    else await readSdistMetadata(archive, filename, { isStrict: true })
  } catch (error) {
    if (!(error instanceof ArchiveProblem)) throw error
    throw invalid(`Invalid distribution file. ${error.reason}.`)
  }
  if (facts.problem) throw invalid(`Invalid distribution file. ${facts.problem}`)
  if (facts.metadata && !agrees(facts.metadata, project, version)) {
    throw invalid(`The metadata inside ${filename} is not of ${project} ${version}`)
  }
}

function assertStrictFilename(filename: string, project: ProjectName, version: string): void {
  const isWheel = filename.endsWith('.whl')
  const parsed = isWheel ? parseWheelFilename(filename) : parseSdistFilename(filename, project)
  const isKnown = isWheel || filename.endsWith('.tar.gz')
  if (!isKnown) throw invalid(`Invalid file extension: Use .tar.gz or .whl extension.`)
  if (!parsed) throw invalid(`Invalid ${isWheel ? 'wheel' : 'sdist'} filename: ${filename}`)
  if (parsed.name !== project || !isSameVersion(parsed.versionText, version)) {
    throw invalid(`${filename} is not of ${project} ${version}`)
  }
}

/** What only the index knows: names that were used, sdists that are there, projects that are closed. */
export async function assertStrictPlace(
  tx: ReadTransaction,
  index: IndexName,
  { project, filename }: Pick<Upload, 'project' | 'filename'>,
): Promise<void> {
  const status = (await tx.get(keys.project(index, project)))?.status?.status
  if (status === 'archived' || status === 'quarantined') {
    throw refuse('upload-project-closed', { project, status })
  }
  const key = keys.file(index, project, filename)
  if (await tx.get(key)) return
  const lives = await tx.history(key)
  if (lives.length > 0 && lives.at(-1)!.born > (await bornAt(tx, index))) {
    throw invalid(
      'This filename was previously used by a file that has since been deleted. Use a different version.',
    )
  }
}

/**
 * Looks at the name of every file of the project, and is therefore not asked while other writers wait: of two
 * sdists spelt differently and sent in the same moment, both may come through.
 */
export async function assertOnlySdist(
  tx: ReadTransaction,
  index: IndexName,
  { project, filename, fileVersion }: Pick<Upload, 'project' | 'filename' | 'fileVersion'>,
): Promise<void> {
  if (filename.endsWith('.whl') || (await tx.get(keys.file(index, project, filename)))) return
  const names = await tx.listNames(keys.files(index, project))
  const hasSdist = names.some(
    (name) => !name.endsWith('.whl') && isOfVersion(name, project, fileVersion),
  )
  if (hasSdist) throw invalid('Only one sdist may be uploaded per release.')
}

const isOfVersion = (filename: string, project: ProjectName, version: string): boolean =>
  isSameVersion(distributionVersion(filename, project), version)

/** Since when the index is there: one that was removed and made anew has no past. */
async function bornAt(tx: ReadTransaction, index: IndexName): Promise<Serial> {
  const lives = await tx.history(keys.index(index))
  const first = lives.findLastIndex(({ born }, i) => lives[i - 1]?.died !== born)
  return lives[first]?.born ?? 0
}
