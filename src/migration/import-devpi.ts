/**
 * devpi's export goes into a data folder. First all of it is looked at; then users, releases and files are written in
 * portions, and indexes last: whoever sees one finds in it what it holds. What was broken off goes on where it was.
 */
import { join } from 'node:path'
import { mapInParallel } from '#base/parallel'
import type { BlobStore } from '#blobs/blob-store'
import type { Ledger } from '#ledger/ledger'
import type { WriteTransaction } from '#ledger/transaction'
import { removeLeftovers } from '#registry/index-removal'
import { keys } from '#registry/keys'
import { ROOT } from '#registry/set-up'
import type { UserEntry } from '#registry/users'
import { DATA_INDEX, readExport, type ExportItem } from './devpi/export-reader.ts'
import { prune, type Pruned } from './devpi/prune.ts'
import { readVersionData } from './devpi/release-entry.ts'
import { surveyExport, type Survey, type SurveyOptions } from './devpi/survey.ts'
import { FileWriter, type MirroredRelease, type Prepared } from './devpi/write-files.ts'
import { Portions, setIfOther } from './portions.ts'
import { Problems, type Problem } from './problems.ts'

export type { Survey, SurveyOptions } from './devpi/survey.ts'
export { surveyExport }

export interface ImportNeeds {
  readonly ledger: Ledger
  readonly blobs: BlobStore
}

export interface ImportOrder extends SurveyOptions {
  readonly folder: string
  readonly hardLinks: boolean
  /** What the export does not have is removed: it was there when one of the same server was imported before. */
  readonly prunes: boolean
  /** In milliseconds. */
  readonly now: number
  /** Hears of each file. */
  readonly onFile?: (name: string) => void
}

export interface ImportOutcome {
  readonly added: number
  readonly here: number
  readonly users: number
  readonly indexes: number
  readonly releases: number
  readonly removed: Pruned
  readonly notes: readonly string[]
  /** Of files that were not taken. */
  readonly problems: readonly Problem[]
  readonly failed: number
  /** All is here. */
  readonly isWhole: boolean
}

const ACTOR = ROOT
/** Files on their way at once. */
const AT_ONCE = 8
/** Files between two looks at the order in which they are written. */
const GATHERED = 64

export async function importDevpi(
  needs: ImportNeeds,
  order: ImportOrder,
  survey: Survey,
): Promise<ImportOutcome> {
  const { ledger } = needs
  const { folder, skipBroken } = order
  const problems = new Problems()
  const notes = [...survey.notes]
  const seen = new Set<string>()
  await ledger.write(ACTOR, (tx) => writeUsers(tx, survey, seen))
  const mirrored = await writeReleases(needs, order, survey, seen)
  const writer = new FileWriter({
    ...needs,
    ...{ folder, actor: ACTOR, hardLinks: order.hardLinks, now: order.now },
    ...{ indexes: survey.indexes, mirrored, problems, notes, seen },
  })
  const counts = await writeFiles(needs, order, writer)
  const isWhole = problems.count === 0 || skipBroken
  if (isWhole) await ledger.write(ACTOR, (tx) => writeIndexes(tx, survey))
  const removed =
    isWhole && order.prunes ? await prune(ledger, { survey, seen, actor: ACTOR }) : noneRemoved
  return {
    ...counts,
    users: survey.users.size,
    indexes: survey.indexes.size,
    releases: survey.releases,
    removed,
    notes,
    problems: problems.list,
    failed: problems.count,
    isWhole,
  }
}

const noneRemoved: Pruned = { users: 0, indexes: 0, entries: 0 }

async function writeUsers(
  tx: WriteTransaction,
  { users }: Survey,
  seen: Set<string>,
): Promise<void> {
  for (const [user, entry] of users) {
    const key = keys.user(user)
    seen.add(key.path)
    const before = await tx.get(key)
    await setIfOther(tx, key, before ? keepOwn(before, entry) : entry)
  }
}

/** `created` of a user that is here stays, where the export does not know it. */
function keepOwn({ created }: UserEntry, entry: UserEntry): UserEntry {
  return entry.created.startsWith('1970-') ? { ...entry, created } : entry
}

async function writeIndexes(tx: WriteTransaction, { indexes }: Survey): Promise<void> {
  for (const [index, entry] of indexes) {
    await removeLeftovers(tx, index)
    await setIfOther(tx, keys.index(index), entry)
  }
}

/** Projects and the metadata of their versions. Returns what mirrors say of files. */
async function writeReleases(
  { ledger }: ImportNeeds,
  { folder }: ImportOrder,
  { indexes }: Survey,
  seen: Set<string>,
): Promise<ReadonlyMap<string, MirroredRelease>> {
  const mirrored = new Map<string, MirroredRelease>()
  const portions = new Portions(ledger, ACTOR)
  for await (const item of readExport(join(folder, DATA_INDEX), ['project', 'version'])) {
    if (item.kind !== 'project' && item.kind !== 'version') continue
    const entry = indexes.get(item.index)
    if (!entry) continue
    if (entry.type === 'mirror') noteMirrored(mirrored, item)
    await portions.add(writeRelease(item, entry.type === 'stage', seen), lengthOf(item))
  }
  await portions.flush()
  return mirrored
}

/** A description is all that may be long. */
function lengthOf(item: ReleaseItem): number {
  const { description } = (item.kind === 'version' ? item.value : {}) as { description?: unknown }
  return typeof description === 'string' ? description.length : 0
}

type ReleaseItem = ExportItem & { kind: 'project' | 'version' }

function writeRelease(item: ReleaseItem, isStage: boolean, seen: Set<string>) {
  const { index } = item
  const isVersion = item.kind === 'version'
  const data = readVersionData(
    item.project,
    isVersion ? item.version : '0',
    isVersion ? item.value : {},
  )
  return async (tx: WriteTransaction): Promise<void> => {
    if (typeof data === 'string') return // the survey has told so
    const { project, name, version, metadata } = data
    const key = keys.project(index, project)
    seen.add(key.path)
    const known = await tx.get(key)
    if (!known) tx.set(key, { name })
    if (!isVersion || !isStage) return
    // Before the first version the name is that of the key, which is in normal form.
    if (known?.name === project && name !== project) tx.set(key, { ...known, name })
    const release = keys.version(index, project, version)
    seen.add(release.path)
    await setIfOther(tx, release, metadata)
  }
}

function noteMirrored(mirrored: Map<string, MirroredRelease>, item: ReleaseItem): void {
  if (item.kind !== 'version') return
  const data = readVersionData(item.project, item.version, item.value)
  if (typeof data === 'string') return
  const { project, version, metadata, yanked } = data
  const asks = metadata.requires_python
  const requiresPython = typeof asks === 'string' && asks !== '' ? asks : undefined
  if (requiresPython === undefined && yanked === undefined) return
  mirrored.set(`${item.index} ${project} ${version}`, { requiresPython, yanked })
}

async function writeFiles(
  { ledger }: ImportNeeds,
  { folder, onFile = () => {} }: ImportOrder,
  writer: FileWriter,
): Promise<{ added: number; here: number }> {
  const portions = new Portions(ledger, ACTOR)
  const counts = { added: 0, here: 0, failed: 0 }
  const work = async (items: readonly (ExportItem & { kind: 'file' })[]): Promise<void> => {
    const prepared = await mapInParallel(items, AT_ONCE, async ({ index, value }) => {
      const one: Prepared = await writer.prepare(index, value)
      onFile(nameOf(value))
      return one
    })
    for (const { outcome, write } of prepared) {
      counts[outcome]++
      if (write) await portions.add(write)
    }
  }
  let gathered: (ExportItem & { kind: 'file' })[] = []
  for await (const item of readExport(join(folder, DATA_INDEX), ['file'])) {
    if (item.kind !== 'file') continue
    gathered.push(item)
    if (gathered.length < GATHERED) continue
    await work(gathered)
    gathered = []
  }
  await work(gathered)
  await portions.flush()
  return counts
}

function nameOf(value: unknown): string {
  const path = (value as { readonly relpath?: unknown } | null)?.relpath
  return typeof path === 'string' ? (path.split(/[/\\]/).at(-1) ?? '') : ''
}
