/** What a data folder is when a server starts on it: a server's of its own, or a replica's; settings and marks must agree. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Log } from '#base/log'
import { makeFolder } from '#base/make-folder'
import { StartRefused } from '#base/start-refused'
import type { Config } from '#config'
import { LEDGER_FILE, openLedger } from '#ledger/open-ledger'
import { findPromotedMark, findReplicaMark, writeReplicaMark } from '#replication/replica-mark'
import { finishPromotion } from './app-promotion.ts'

/** Whom the server is to follow, if anybody. Makes a new folder a replica's where the settings want one. */
export async function takeRole(config: Config, log: Log): Promise<string | undefined> {
  const { dir, primaryUrl } = config
  await finishPromotion(dir)
  const mark = await findReplicaMark(dir)
  if (primaryUrl === undefined) {
    if (mark) throw isReplica(dir, mark.primaryUrl)
    return undefined
  }
  if (!mark && (await holdsOwnData(dir))) {
    const promoted = await findPromotedMark(dir)
    if (promoted?.formerUrl !== primaryUrl) throw wouldLose(dir)
    const { epoch } = promoted
    log.warn({ epoch, primaryUrl }, 'was promoted: --primary-url is passed over, remove it')
    return undefined
  }
  if (mark?.primaryUrl === primaryUrl) return primaryUrl
  await makeFolder(dir, 0o750)
  await writeReplicaMark(dir, { ...mark, primaryUrl })
  return primaryUrl
}

const isReplica = (dir: string, url: string): StartRefused =>
  new StartRefused(`${dir} holds a replica of ${url}.`, [
    `wheelyard serve --dir ${dir} --primary-url ${url} --secret-file FILE`,
    `wheelyard admin promote --dir ${dir}, if it shall take the place of its primary`,
    '--dir DIR, with another folder, for a server of its own',
  ])

const wouldLose = (dir: string): StartRefused =>
  new StartRefused(`${dir} holds data of its own, which a replica would lose.`, [
    '--dir DIR, with an empty folder: a replica gets all it needs from its primary',
  ])

async function holdsOwnData(dir: string): Promise<boolean> {
  if (!existsSync(join(dir, LEDGER_FILE))) return false
  const ledger = await openLedger(dir)
  try {
    return ledger.serial >= 0
  } finally {
    await ledger.close()
  }
}
