/** `wheelyard admin verify`: reads everything that is stored and says what is not as it was. */
import { verify as findDamage } from '#blobs/verify'
import type { Store } from '#app-store'
import type { Config } from '#config'
import type { Ledger } from '#ledger/ledger'
import { listNeededBlobs } from '#registry/needed-blobs'
import { defineCommand, hasFlag } from '../command.ts'
import { printJson } from '../output.ts'
import type { World } from '../world.ts'
import { dataFolderOptions, jsonOption, readSettings } from './settings.ts'
import { withStore } from './store.ts'

interface Report {
  readonly ok: boolean
  readonly serials: number
  /** The first serial that does not fit the hash chain. */
  readonly brokenSerial: number | null
  readonly blobs: number
  readonly damaged: readonly string[]
  readonly missing: readonly { readonly digest: string; readonly neededBy: string }[]
  /** Blobs that are not here because the replica leaves them out. */
  readonly leftOut: number
}

export const verify = defineCommand({
  name: 'admin verify',
  summary: 'Check the hash chain of the ledger and every stored blob.',
  about:
    'Changes nothing, and may run beside the server. The exit code is 1 if anything is damaged or ' +
    'missing.',
  options: [
    ...dataFolderOptions(),
    {
      name: 'no-checksum',
      doc: 'Do not read the blobs; only see whether each is there.',
      group: 'Options',
    },
    { name: 'checksum', doc: '', isHidden: true },
    jsonOption,
  ],
  examples: ['wheelyard admin verify --dir /srv/wheelyard'],
  prepare: readSettings,

  async run({ config }, given) {
    const isRead = !hasFlag(given, 'no-checksum')
    const report = await withStore(config, (store) => inspect(config, store, isRead))
    if (hasFlag(given, 'json')) printJson(given.world, report)
    else printReport(given.world, report)
    return report.ok ? 0 : 1
  },
})

async function inspect(config: Config, { ledger, blobs }: Store, isRead: boolean): Promise<Report> {
  const { serials, broken } = await ledger.verify()
  const damaged: string[] = []
  let read = 0
  const problems = isRead ? findDamage(blobs, counted()) : []
  for await (const { digest, problem } of problems) {
    // One that has gone since it was listed was swept meanwhile; if a file needs it, that shows below.
    if (problem === 'damaged') damaged.push(digest)
  }
  const leftOut = await findLeftOut(config, ledger)
  const absent: Report['missing'][number][] = []
  for await (const needed of listNeededBlobs({ ledger })) {
    if ((await blobs.size(needed.digest)) === undefined) absent.push(needed)
  }
  const missing = absent.filter(({ digest }) => !leftOut.has(digest))
  const ok = broken === undefined && damaged.length === 0 && missing.length === 0
  const found = { blobs: read, damaged, missing, leftOut: absent.length - missing.length }
  return { ok, serials, brokenSerial: broken ?? null, ...found }

  async function* counted() {
    for await (const digest of blobs.list()) {
      read++
      yield digest
    }
  }
}

async function findLeftOut(config: Config, ledger: Ledger): Promise<ReadonlySet<string>> {
  const { findLeftOutBlobs } = await import('#app-replica-sweep')
  return findLeftOutBlobs(config, ledger)
}

function printReport({ stdout }: World, report: Report): void {
  const { serials, brokenSerial, blobs, damaged, missing, leftOut } = report
  const chain = brokenSerial === null ? 'the hash chain fits' : `broken at serial ${brokenSerial}`
  stdout.write(`ledger: ${serials} serials, ${chain}\n`)
  const byChoice = leftOut > 0 ? `, ${leftOut} left out by choice` : ''
  stdout.write(
    `blobs: ${blobs} read, ${damaged.length} damaged, ${missing.length} missing${byChoice}\n`,
  )
  for (const digest of damaged) stdout.write(`damaged: ${digest}\n`)
  for (const { digest, neededBy } of missing) stdout.write(`missing: ${digest} of ${neededBy}\n`)
}
