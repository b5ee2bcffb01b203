/** A data folder that something is taken over into: opened, set up where it is new, and marked while it is not whole. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { openNodeFile } from '#base/node-file'
import { StartRefused } from '#base/start-refused'
import type { Config } from '#config'
import type { Ledger } from '#ledger/ledger'
import { LEDGER_FILE } from '#ledger/open-ledger'
import {
  importDevpi,
  surveyExport,
  type ImportOrder,
  type ImportOutcome,
  type Survey,
} from '#migration/import-devpi'
import { findImportMark, writeImportMark } from '#migration/import-mark'
import { keys } from '#registry/keys'
import { ROOT, ROOT_PYPI, setUp } from '#registry/set-up'
import { findReplicaMark } from '#replication/replica-mark'
import { assertNotDevpi, firstPassword } from './app-beginning.ts'
import { openStore } from './app-store.ts'

export interface DevpiImport {
  readonly survey: Survey
  run(onFile: (name: string) => void): Promise<ImportOutcome>
}

/** Looks at the export and at the folder; nothing is changed before `run`. */
export async function prepareDevpiImport(
  config: Config,
  order: Omit<ImportOrder, 'onFile' | 'noRootPypi'>,
): Promise<DevpiImport> {
  const whole = { ...order, noRootPypi: config.noRootPypi }
  assertNotDevpi(config.dir)
  const survey = await surveyExport(order.folder, whole)
  await assertTakesImport(config.dir)
  return { survey, run: (onFile) => runDevpiImport(config, { ...whole, onFile }, survey) }
}

async function runDevpiImport(
  config: Config,
  order: ImportOrder,
  survey: Survey,
): Promise<ImportOutcome> {
  const { dir } = config
  const mark = { kind: 'devpi export', source: order.folder } as const
  const wasWhole = (await findImportMark(dir))?.isFinished ?? false
  const store = await openStore(config)
  try {
    // What was whole stays usable while it is brought up to date.
    if (!wasWhole) await writeImportMark(dir, { ...mark, isFinished: false })
    await setUp(store.ledger, { rootPypi: undefined, ...firstPassword(config) })
    await openNodeFile(dir)
    const outcome = await importDevpi(store, order, survey)
    if (outcome.isWhole) await writeImportMark(dir, { ...mark, isFinished: true })
    return outcome
  } finally {
    await store.close()
  }
}

/** Refuses a folder that holds anything but what a new one has, or what an earlier import has brought. */
async function assertTakesImport(dir: string): Promise<void> {
  const followed = await findReplicaMark(dir)
  if (followed) throw new StartRefused(`${dir} holds a replica of ${followed.primaryUrl}.`, [EMPTY])
  const mark = await findImportMark(dir)
  if (mark?.kind === 'devpi export') return
  if (mark) {
    throw new StartRefused(`${dir} holds what was taken over from a ${mark.kind}.`, [EMPTY])
  }
  if (!existsSync(join(dir, LEDGER_FILE))) return
  const store = await openStore({ dir })
  try {
    if (await isUsed(store.ledger)) {
      throw new StartRefused(`${dir} already has users or indexes that no import brought.`, [EMPTY])
    }
  } finally {
    await store.close()
  }
}

const EMPTY = '--dir DIR, with a new folder'

/** Whether there is more than a new data folder has. */
const isUsed = (ledger: Ledger): Promise<boolean> =>
  ledger.read(async (tx) => {
    const users = await tx.listNames(keys.users())
    const indexes = await tx.listNames(keys.indexes())
    return users.some((name) => name !== ROOT) || indexes.some((name) => name !== ROOT_PYPI)
  })

/** Refuses to show a half of what is being taken over: an installer would look for the rest elsewhere. */
export async function assertWhole(dir: string): Promise<void> {
  const mark = await findImportMark(dir)
  if (!mark || mark.isFinished) return
  const command = {
    dump: `admin load ${mark.source}`,
    'devpi export': `admin import-devpi ${mark.source}`,
    'devpi server': `follow-devpi --from ${mark.source}`,
  }[mark.kind]
  throw new StartRefused(`${dir} holds a half of the ${mark.kind} ${mark.source}.`, [
    `wheelyard ${command} --dir ${dir}, which goes on where it was broken off`,
  ])
}

/** Of a devpi-server's folder that was not taken over to its end, when that server itself is followed from there on. */
export async function finishMark(dir: string): Promise<void> {
  const mark = await findImportMark(dir)
  if (mark?.kind !== 'devpi server') return assertWhole(dir)
  if (!mark.isFinished) await writeImportMark(dir, { ...mark, isFinished: true })
}
