/** Entries of a devpi-server's changelog into the ledger, in order: each is one change, which says where we are. */
import { isDeepStrictEqual } from 'node:util'
import type { Ledger } from '#ledger/ledger'
import type { WriteTransaction } from '#ledger/transaction'
import type { ChangelogEntry } from './devpi/changelog.ts'
import { devpiKeys } from './devpi/keys.ts'
import { devpiCost, type StretchCost } from './devpi/secret-keys.ts'
import { Translator } from './devpi/translate.ts'
import type { FileWishes } from './devpi/translate-files.ts'
import { NotDevpi } from './devpi/values.ts'

/** In whose name the ledger is written while it follows. */
export const DEVPI_ACTOR = 'devpi'

interface ApplierNeeds {
  readonly ledger: Ledger
  readonly cost: StretchCost
  /** Told of each that is here, durably. */
  readonly onApplied: (serial: number, wishes: FileWishes) => void
}

export class Applier {
  readonly #needs: ApplierNeeds
  readonly #translator = new Translator()

  constructor(needs: ApplierNeeds) {
    this.#needs = needs
  }

  /** Writes that wait together share a commit. The first that fails lets those after it fail, too. */
  async apply(entries: readonly ChangelogEntry[], uuid: string): Promise<void> {
    const { ledger, onApplied } = this.#needs
    const writes = entries.map((entry) =>
      ledger.write(DEVPI_ACTOR, (tx) => this.#applyOne(tx, entry, uuid)),
    )
    const results = await Promise.allSettled(writes)
    for (const [place, result] of results.entries()) {
      if (result.status === 'fulfilled') onApplied(entries[place]!.serial, result.value)
    }
    const failed = results.find((result) => result.status === 'rejected')
    if (!failed) return
    this.#translator.forget()
    throw failed.reason
  }

  async #applyOne(tx: WriteTransaction, entry: ChangelogEntry, uuid: string): Promise<FileWishes> {
    const followed = await tx.get(devpiKeys.followed())
    const expected = (followed?.serial ?? -1) + 1
    if (entry.serial !== expected) {
      throw new NotDevpi(`it sent serial ${entry.serial} where ${expected} comes next`)
    }
    const wishes = await this.#translator.translate(tx, entry)
    const { cost } = this.#needs
    const isUsual = isDeepStrictEqual(cost, devpiCost)
    tx.set(devpiKeys.followed(), { serial: entry.serial, uuid, ...(!isUsual && { cost }) })
    return wishes
  }
}
