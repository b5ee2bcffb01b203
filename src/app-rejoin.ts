/**
 * A folder whose history went on elsewhere becomes that of a replica: what it has beyond the common history is set aside,
 * and its ledger goes back to there. Broken off at any moment, it is done to its end at the next start.
 */
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { systemClock } from '#base/clock'
import { UpstreamFailure } from '#base/failure'
import { lockFolder } from '#base/folder-lock'
import type { Log } from '#base/log'
import { StartRefused } from '#base/start-refused'
import type { Config } from '#config'
import type { Serial } from '#ledger/key'
import { namedBlobs } from '#registry/named-blobs'
import { listPromotions } from '#registry/promotions'
import { findLastCommon } from '#replication/fork'
import type { GroupView } from '#replication/group-view'
import { PrimaryRefuses, type Primary } from '#replication/primary'
import { findReplicaMark, removePromotedMark, writeReplicaMark } from '#replication/replica-mark'
import { setAside } from '#replication/set-aside'
import { openStore, type Store } from './app-store.ts'

interface Rejoining {
  readonly primary: Primary
  readonly primaryUrl: string
  /** Of this server. */
  readonly uuid: string
  readonly log: Log
}

const ANSWER_MS = 20_000

/** Refuses, and changes nothing, where the server at that address does not go on with this history. */
export async function rejoin(config: Config, rejoining: Rejoining): Promise<void> {
  const { dir } = config
  const lock = lockFolder(dir)
  if (!lock) {
    throw new StartRefused(`${dir} holds data of its own, and a server runs on it.`, [
      'stop it, then the same again',
    ])
  }
  const store = await openStore(config)
  try {
    const found = await compare(store, dir, rejoining)
    await goBack({ dir, ...rejoining, ...found })
  } finally {
    await store.close()
    lock.release()
  }
}

interface Compared {
  readonly view: GroupView
  /** The last change that both have. */
  readonly common: Serial
}

async function compare(store: Store, dir: string, rejoining: Rejoining): Promise<Compared> {
  const { ledger } = store
  const { primary, primaryUrl, uuid } = rejoining
  const head = await ledger.change(ledger.serial)
  const starts = await listPromotions(ledger)
  const ask = async (wanted: Serial): Promise<GroupView> => {
    const epoch = head?.epoch ?? 1
    const own = { uuid, isPrimary: false, epoch, serial: ledger.serial, starts, wanted }
    return askSafely(primary, own, dir)
  }
  const view = await ask(ledger.serial)
  const refused = (why: string) =>
    new StartRefused(`${dir} holds data of its own, and ${primaryUrl} ${why}.`, [
      `wheelyard serve --dir ${dir}, without --primary-url, for a server of its own`,
      '--dir DIR, with an empty folder, for a new replica',
    ])
  if (view.uuid === uuid) throw refused('is this server itself')
  if (view.epoch < (head?.epoch ?? 1)) {
    throw refused(`is in epoch ${view.epoch}, which epoch ${head?.epoch} here has ended`)
  }
  if (view.epoch === head?.epoch) {
    throw refused(`is in the same epoch, ${view.epoch}: it was not promoted after this one`)
  }
  const common = await findLastCommon(ledger, async (serial) => (await ask(serial)).hash)
  if (common < 0) throw refused('has another history')
  return { view, common }
}

async function askSafely(primary: Primary, own: GroupView, dir: string): Promise<GroupView> {
  try {
    return await primary.tell(own, AbortSignal.timeout(ANSWER_MS))
  } catch (error) {
    if (!(error instanceof UpstreamFailure || error instanceof PrimaryRefuses)) throw error
    throw new StartRefused(
      `${dir} holds data of its own, and the primary cannot be asked whether it goes on with it: ${error.message}.`,
      ['the same again once the primary answers'],
      { cause: error },
    )
  }
}

async function goBack(to: Rejoining & Compared & { readonly dir: string }): Promise<void> {
  const { dir, primaryUrl, view, common, log } = to
  const mark = await findReplicaMark(dir)
  // From here on it is a replica's, which nobody else writes to.
  await writeReplicaMark(dir, { ...mark, primaryUrl, isParted: true })
  await removePromotedMark(dir)
  const follower = await openStore({ dir })
  const { ledger, blobs } = follower
  try {
    if (ledger.serial > common) {
      const { epoch: laterEpoch } = view
      const now = systemClock.now()
      const made = { ledger, blobs, namedBlobs, common, laterEpoch, primaryUrl, now }
      const { name, from, to: last, files, missing } = await setAside(dir, made)
      log.error(
        { from, to: last, files, missing: missing.length, folder: join(dir, 'set-aside', name) },
        'set aside what the new primary does not have: see wheelyard admin late-writes',
      )
      await forgetDerived(dir)
      await ledger.forgetAfter(common)
    }
  } finally {
    await follower.close()
  }
  await writeReplicaMark(dir, { ...mark, primaryUrl })
}

/** What was made from a history that is no more, and is made anew. */
async function forgetDerived(dir: string): Promise<void> {
  const files = ['search', 'mirrors', 'made', 'replica'].flatMap((name) =>
    ['', '-wal', '-shm'].map((suffix) => `${name}.sqlite${suffix}`),
  )
  for (const name of [...files, 'followers', 'names']) {
    await rm(join(dir, 'local', name), { recursive: true, force: true })
  }
}
