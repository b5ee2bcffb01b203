/** Bundles, made from a data folder and taken over into a replica's. */
import { createWriteStream } from 'node:fs'
import { access, open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { systemClock } from '#base/clock'
import { createLog } from '#base/log'
import { openNodeFile } from '#base/node-file'
import { readSigningSecret } from '#base/signing-secret'
import { StartRefused } from '#base/start-refused'
import { syncFolder } from '#base/sync-folder'
import { whyUnwritable } from '#base/why-not'
import type { Config } from '#config'
import type { Serial } from '#ledger/key'
import { namedBlobs } from '#registry/named-blobs'
import { readBundle } from '#replication/bundle-reader'
import { writeBundle } from '#replication/bundle-writer'
import { findReplicaMark, writeReplicaMark } from '#replication/replica-mark'
import { ReplicaTokens } from '#replication/replica-tokens'
import { takeBundle, type BundleTaken } from '#replication/take-bundle'
import { takeRole } from './app-role.ts'
import { openStore, type Store } from './app-store.ts'

export interface BundleWish {
  /** The first change that there is, where it is not said. */
  readonly from: Serial | undefined
  /** The last one that there is. */
  readonly to: Serial | undefined
  readonly withBlobs: boolean
  /** Where the file goes; made from the serials where it is not said. */
  readonly file: (from: Serial, to: Serial) => string
}

export interface BundleMade {
  readonly file: string
  readonly from: Serial
  readonly to: Serial
  readonly blobs: number
  /** Blobs that are not here, and so not in it. */
  readonly missing: number
  /** Of the file. */
  readonly bytes: number
}

/** Refuses serials that are not here, and a file that is there. A server may run beside it. */
export async function makeBundle(config: Config, wish: BundleWish): Promise<BundleMade> {
  const tokens = await readTokens(config)
  const { uuid } = await openNodeFile(config.dir)
  const store = await openStore(config)
  try {
    const { ledger, blobs } = store
    await ledger.catchUp()
    const { from = 0, to = Math.max(ledger.serial, from), withBlobs } = wish
    if (to > ledger.serial || from > to) {
      throw new StartRefused(
        `There is nothing from ${from} to ${to} in ${config.dir}: its last change is ${ledger.serial}.`,
        ['--from and --to, with serials up to that'],
      )
    }
    const file = wish.file(from, to)
    const needs = { ledger, blobs, tokens, namedBlobs }
    const end = { blobs: 0, missing: 0 }
    const bytes = await writeNew(file, async function* () {
      Object.assign(end, yield* writeBundle({ from, to, withBlobs, uuid }, needs))
    })
    return { file, from, to, bytes, ...end }
  } finally {
    await store.close()
  }
}

/** Whole, or not at all. For its owner alone: there are hashes of passwords in it. Returns how many bytes it has. */
async function writeNew(
  file: string,
  write: () => AsyncGenerator<Uint8Array, void, void>,
): Promise<number> {
  if (await isThere(file)) {
    throw new StartRefused(`${file} is there.`, ['another name for the bundle'])
  }
  const partial = `${file}.part`
  try {
    const output = createWriteStream(partial, { mode: 0o600 })
    await pipeline(Readable.from(write(), { objectMode: false }), output)
    await using written = await open(partial, 'r')
    await written.sync()
    await rename(partial, file)
    await syncFolder(dirname(file))
    return output.bytesWritten
  } catch (error) {
    await rm(partial, { force: true })
    const { syscall } = error as NodeJS.ErrnoException
    if (syscall === undefined) throw error
    throw new StartRefused(`${file} cannot be written: ${whyUnwritable(error)}.`, [], {
      cause: error,
    })
  }
}

const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )

export interface ImportedBundle extends BundleTaken {
  /** Of the last change that is here now. */
  readonly serial: Serial
}

/** Makes an empty folder a replica's first, where `--primary-url` is set. A server may run beside it. */
export async function importBundle(config: Config, file: string): Promise<ImportedBundle> {
  const secret = await readSecret(config)
  const tokens = new ReplicaTokens(secret, systemClock)
  const mark = await findReplicaMark(config.dir)
  const primaryUrl = config.primaryUrl ?? mark?.primaryUrl
  if (primaryUrl === undefined) throw noReplica(config.dir, file)
  await assertBundle(file, tokens) // before a folder becomes a replica's
  const url = await takeRole(
    { ...config, primaryUrl },
    { log: createLog({ level: 'error' }), secret },
  )
  if (url === undefined) throw noReplica(config.dir, file)
  const store = await openStore(config)
  try {
    await removeLeftovers(store)
    const { ledger, blobs } = store
    const taken = await takeBundle(file, { ledger, blobs, tokens })
    if (mark?.primaryUuid === undefined) {
      await writeReplicaMark(config.dir, { primaryUrl: url, primaryUuid: taken.uuid })
    }
    return { ...taken, serial: ledger.serial }
  } finally {
    await store.close()
  }
}

/** That it begins as one that was made with our secret; taking it over checks the rest. */
async function assertBundle(file: string, tokens: ReplicaTokens): Promise<void> {
  for await (const _head of readBundle(file, tokens)) return
}

const noReplica = (dir: string, file: string): StartRefused =>
  new StartRefused(`${dir} holds no replica, and only a replica takes bundles.`, [
    `wheelyard admin import-bundle ${file} --dir DIR, with the folder of a replica`,
    '--primary-url URL, of the server that the bundle is from, and an empty folder, which then becomes its replica',
  ])

/** What an import that was killed had begun to write. */
const LEFT_MS = 3_600_000
const removeLeftovers = ({ blobs }: Store): Promise<number> => blobs.clearStaging(LEFT_MS)

const readTokens = async (config: Config): Promise<ReplicaTokens> =>
  new ReplicaTokens(await readSecret(config), systemClock)

async function readSecret({ secretFile }: Config): Promise<Buffer> {
  if (secretFile !== undefined) return readSigningSecret(secretFile)
  throw new StartRefused('Bundles are signed with the secret that both servers share.', [
    '--secret-file FILE',
  ])
}
