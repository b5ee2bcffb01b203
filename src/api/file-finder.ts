/** What lies at a file's address. What was found stays known, as pages do, until the first change to what it was found by. */
import { refuse } from '#base/refusal'
import type { ReadTransaction } from '#ledger/transaction'
import { packageType } from '#python/filename'
import { likelyProjects, type FoundFile } from '#registry/file-path'
import { getIndex } from '#registry/indexes'
import { listResolutionOrder } from '#registry/inheritance'
import { releaseOf } from '#registry/release-links'
import { findStored, wasStored, type Address, type Stored } from '#registry/stored'
import type { Parts } from './parts.ts'
import { policedFiles, type PolicedFile } from './policed-files.ts'

export interface Served {
  readonly found: Stored
  readonly isPoliced: boolean
  /** As policies leave it, where they have a say. */
  readonly offered: PolicedFile | undefined
}

export interface FileFinder {
  isPoliced(address: Address): Promise<boolean>
  /** What is known, without a look, as of the ledger's last `catchUp`. */
  findKnown(address: NamedAddress): Served | undefined
  /** By what the index offers with its bases, where policies have a say; else what lies on the index itself. */
  get(address: NamedAddress): Promise<Served>
}

export function fileFinder(parts: Parts): FileFinder {
  const { ledger, mirrors, pages, policies } = parts
  const policed = policedFiles(parts)
  return { isPoliced: ({ index }) => policed.isPoliced(index), findKnown, get }

  function findKnown({ name }: NamedAddress): Served | undefined {
    return pages.find<Served>(name)?.extra
  }

  async function get(address: NamedAddress): Promise<Served> {
    const isPoliced = await policed.isPoliced(address.index)
    const offered = isPoliced ? await policed.find(address) : undefined
    if (offered) return { found: storedOf(offered.file), isPoliced, offered }
    return isPoliced ? { found: await getStored(address), isPoliced, offered } : getKept(address)
  }

  async function getKept(address: NamedAddress): Promise<Served> {
    await ledger.catchUpOnce()
    const known = findKnown(address)
    if (known) return known
    const built = await pages.build(address.name, async (tx) => {
      const found = await findStored(tx, address)
      const isPoliced = found === undefined || (await arePolicies(tx, address))
      const extra = found && { found, isPoliced: false, offered: undefined }
      return { text: '', extra, isPassing: isPoliced, weight: 1024 }
    })
    return built.extra ?? { found: await getStored(address), isPoliced: false, offered: undefined }
  }

  async function arePolicies(tx: ReadTransaction, { index }: Address): Promise<boolean> {
    return policies.isPoliced(await listResolutionOrder(tx, index))
  }

  /** Also finds a mirrored file whose project page nobody has asked for yet: lock files name files alone. */
  async function getStored(address: Address): Promise<Stored> {
    const { index, folder, filename } = address
    const find = () => ledger.read((tx) => findStored(tx, address))
    const found = await find()
    if (found) return found

    if (!folder.startsWith('+f/')) throw refuse('file-missing')
    // An index that was removed leaves this behind too: clients shall know that waiting does not help.
    if (await ledger.read((tx) => wasStored(tx, address))) throw refuse('file-gone')
    if (packageType(filename) === undefined) throw refuse('file-missing')
    const entry = await ledger.read((tx) => getIndex(tx, index))
    const projects = entry.type === 'mirror' ? likelyProjects(filename) : []
    for (const project of projects.filter((one) => !mirrors.isFresh(index, one))) {
      await mirrors.freshen(index, project)
      const fetched = await find()
      if (fetched) return fetched
    }
    throw refuse('file-missing')
  }
}

/** `name`: of what is known of it, put together once. */
export interface NamedAddress extends Address {
  readonly name: string
}

export const withName = ({ index, folder, filename }: Address): NamedAddress => ({
  ...{ index, folder, filename, name: `at ${index}/${folder}/${filename}` },
})

function storedOf(file: FoundFile): Stored {
  const { index, project, filename } = file
  return { rel: 'releasefile', index, project, filename, version: releaseOf(file.file), file }
}
