/** What a data folder is when a server starts on it: a server's of its own, or a replica's; settings and marks must agree. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { systemClock } from '#base/clock'
import type { Log } from '#base/log'
import { makeFolder } from '#base/make-folder'
import { openNodeFile } from '#base/node-file'
import { StartRefused } from '#base/start-refused'
import type { Config } from '#config'
import type { Ledger } from '#ledger/ledger'
import { LEDGER_FILE, openLedger } from '#ledger/open-ledger'
import type { GroupView } from '#replication/group-view'
import { ReplicaTokens } from '#replication/replica-tokens'
import {
  findPromotedMark,
  findReplicaMark,
  writeReplicaMark,
  type ReplicaMark,
} from '#replication/replica-mark'
import { openPrimary } from './app-primary.ts'
import { finishPromotion } from './app-promotion.ts'
import { rejoin } from './app-rejoin.ts'

interface Starting {
  readonly log: Log
  /** What the servers of a group share. */
  readonly secret: Uint8Array | undefined
}

/** Long enough for one that is there. */
const ANSWER_MS = 10_000

/**
 * Whom the server is to follow, if anybody. Makes a new folder a replica's where the settings want one, and also that of a
 * primary in whose place another server was promoted.
 */
export async function takeRole(config: Config, starting: Starting): Promise<string | undefined> {
  const { dir, primaryUrl } = config
  await finishPromotion(dir)
  const mark = await findReplicaMark(dir)
  if (primaryUrl === undefined) {
    if (mark) throw isReplica(dir, mark.primaryUrl)
    return undefined
  }
  if (mark) return followAgain(config, { mark, primaryUrl }, starting)
  const serial = await inLedger(dir, async (ledger) => ledger.serial)
  if (serial !== undefined && serial >= 0) {
    return giveUp(config, primaryUrl, starting)
  }
  await makeFolder(dir, 0o750)
  await writeReplicaMark(dir, { primaryUrl })
  return primaryUrl
}

const isReplica = (dir: string, url: string): StartRefused =>
  new StartRefused(`${dir} holds a replica of ${url}.`, [
    `wheelyard serve --dir ${dir} --primary-url ${url} --secret-file FILE`,
    `wheelyard admin promote --dir ${dir}, if it shall take the place of its primary`,
    '--dir DIR, with another folder, for a server of its own',
  ])

/** What took changes becomes a replica, if the server at that address was promoted in its place. */
async function giveUp(
  config: Config,
  primaryUrl: string,
  starting: Starting,
): Promise<string | undefined> {
  const promoted = await findPromotedMark(config.dir)
  if (promoted?.formerUrls?.includes(primaryUrl)) {
    const view = await ask(config, primaryUrl, starting)
    if (!view || view.epoch <= promoted.epoch) {
      const { epoch } = promoted
      starting.log.warn(
        { epoch, primaryUrl },
        'was promoted: --primary-url is passed over, remove it',
      )
      return undefined
    }
  }
  await rejoinAt(config, primaryUrl, starting)
  return primaryUrl
}

/** A replica that was told where its primary has gone follows it there, whatever the settings say of before. */
async function followAgain(
  config: Config,
  { mark, primaryUrl: wanted }: { readonly mark: ReplicaMark; readonly primaryUrl: string },
  starting: Starting,
): Promise<string> {
  const { dir } = config
  const { log } = starting
  let primaryUrl = wanted
  if (mark.insteadOf?.includes(wanted)) {
    const view = await ask(config, wanted, starting)
    const epoch = (await inLedger(dir, headEpoch)) ?? 1
    if (!view?.isPrimary || view.epoch < epoch) {
      ;({ primaryUrl } = mark)
      log.warn(
        { primaryUrl, setting: wanted },
        'follows the server that was promoted: set --primary-url',
      )
    }
  }
  if (mark.isParted === true) {
    try {
      await rejoinAt(config, primaryUrl, starting)
    } catch (error) {
      if (!(error instanceof StartRefused)) throw error
      log.error({ reason: error.message }, 'what the primary does not have is still here')
    }
  } else if (mark.primaryUrl !== primaryUrl) {
    await writeReplicaMark(dir, { ...mark, primaryUrl })
  }
  return primaryUrl
}

async function rejoinAt(config: Config, primaryUrl: string, starting: Starting): Promise<void> {
  const member = await memberOf(config, starting)
  await using primary = openPrimary(config, primaryUrl, member)
  await rejoin(config, { primary, primaryUrl, uuid: member.uuid, log: starting.log })
}

/** Undefined where nobody of the group answers. */
async function ask(
  config: Config,
  url: string,
  starting: Starting,
): Promise<GroupView | undefined> {
  const member = await memberOf(config, starting)
  await using primary = openPrimary(config, url, member)
  const epoch = 0 // says nothing of the group
  const own = { uuid: member.uuid, isPrimary: false, epoch, serial: -1, starts: [] }
  return primary.tell(own, AbortSignal.timeout(ANSWER_MS)).catch(() => undefined)
}

async function memberOf({ dir }: Config, { secret }: Starting) {
  if (!secret) throw new Error('a replica has a secret')
  const { uuid } = await openNodeFile(dir)
  return { uuid, tokens: new ReplicaTokens(secret, systemClock) }
}

const headEpoch = async (ledger: Ledger): Promise<number> => ledger.epoch

/** Undefined where there is no ledger yet. */
async function inLedger<T>(
  dir: string,
  work: (ledger: Ledger) => Promise<T>,
): Promise<T | undefined> {
  if (!existsSync(join(dir, LEDGER_FILE))) return undefined
  const ledger = await openLedger(dir)
  try {
    return await work(ledger)
  } finally {
    await ledger.close()
  }
}
