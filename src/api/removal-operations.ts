/** Taking files, releases and projects away, for programs and on pages: with the rights, and all that belongs to it. */
import { actorName, type Identity } from '#base/identity'
import { refuse } from '#base/refusal'
import type { ReadTransaction } from '#ledger/transaction'
import { forgetRelease, removeMirroredFile } from '#mirror/removal'
import type { ProjectName } from '#python/name'
import { assertMayRemoveFrom } from '#registry/access'
import { findIndex, type IndexName, type NamedIndex } from '#registry/indexes'
import {
  assertReleasesRemovable,
  removeProject,
  removeRelease,
  removeStored,
  type ReleasePlace,
} from '#registry/release-removal'
import { findStored, wasStored, type Address, type Stored } from '#registry/stored'
import type { Parts } from './parts.ts'

/** Whose it is to take away, and whether also from an index that is not volatile. */
export interface Remover {
  readonly who: Identity
  readonly force: boolean
}

export interface RemovalOperations {
  project(remover: Remover, index: IndexName, project: ProjectName): Promise<void>
  release(remover: Remover, place: ReleasePlace): Promise<void>
  /** A file, documentation or a test result. */
  file(remover: Remover, address: Address): Promise<void>
}

type Needs = Pick<Parts, 'ledger' | 'mirrors'>

export function removalOperations({ ledger, mirrors }: Needs): RemovalOperations {
  return {
    async project({ who, force }, index, project) {
      await ledger.write(actorName(who), async (tx) => {
        const { entry } = await getRemovable(tx, index, who)
        if (!entry.volatile && !force) throw refuse('project-nonvolatile', { project, index })
        await removeProject(tx, index, project)
      })
    },

    async release({ who, force }, place) {
      await ledger.write(actorName(who), async (tx) => {
        const { entry } = await getRemovable(tx, place.index, who)
        assertReleasesRemovable(entry, force)
        await (entry.type === 'mirror' ? forgetRelease(tx, place) : removeRelease(tx, place))
      })
    },

    async file({ who, force }, address) {
      const path = `${address.index}/${address.folder}/${address.filename}`
      const stored = await listMirrored(address)
      await ledger.write(actorName(who), async (tx) => {
        const { entry } = await getRemovable(tx, address.index, who)
        assertReleasesRemovable(entry, force)
        const found = await findStored(tx, address)
        if (found && isMirrored(found)) {
          if (stored.has(found.filename)) return removeMirroredFile(tx, found.file, stored)
        } else if (found) return removeStored(tx, found)
        const isGone = !found && address.folder.startsWith('+f/') && (await wasStored(tx, address))
        throw isGone ? refuse('path-gone', { path }) : refuse('path-missing', { path })
      })
    },
  }

  /** Of a mirror's files only what is here can be taken away, and no change may wait for a look at the store. */
  async function listMirrored(address: Address): Promise<ReadonlySet<string>> {
    const found = await ledger.read((tx) => findStored(tx, address))
    return found && isMirrored(found) ? mirrors.listStored(found.index, found.project) : new Set()
  }
}

/** The index that something is taken from. A missing one grants nothing to anybody. */
async function getRemovable(
  tx: ReadTransaction,
  name: IndexName,
  who: Identity,
): Promise<NamedIndex> {
  const entry = await findIndex(tx, name)
  if (!entry) throw refuse('forbidden', { action: `delete from index ${name}` })
  assertMayRemoveFrom({ name, entry }, who)
  return { name, entry }
}

const isMirrored = (found: Stored): found is Stored & { readonly rel: 'releasefile' } =>
  found.rel === 'releasefile' && found.file.file.upstream !== undefined
