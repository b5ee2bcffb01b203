/** One folder of a listing, as it is looked at: what is in it, and in the folders below it. */
import type { ArchiveListing, ArchiveMember } from './archive-listing.ts'

export interface SubFolder {
  readonly name: string
  /** With all folders above it. */
  readonly path: string
  /** How many members are below it, folders not counted. */
  readonly members: number
  /** Bytes of all of them, unpacked. */
  readonly size: number
}

export interface FolderView {
  /** Empty for the whole archive. */
  readonly path: string
  readonly folders: readonly SubFolder[]
  /** By name. */
  readonly members: readonly ArchiveMember[]
}

/** Undefined where nothing is below that path. */
export function viewFolder({ members }: ArchiveListing, path: string): FolderView | undefined {
  const above = path === '' ? '' : `${path}/`
  const folders = new Map<string, { members: number; size: number }>()
  const inside: ArchiveMember[] = []
  let isThere = path === ''
  for (const member of members) {
    if (member.path === path && member.kind === 'folder') isThere = true
    if (!member.path.startsWith(above)) continue
    isThere = true
    const slash = member.path.indexOf('/', above.length)
    const isFolder = member.kind === 'folder'
    if (slash === -1 && !isFolder) inside.push(member)
    else count(folders, member.path.slice(above.length, slash === -1 ? undefined : slash), member)
  }
  if (!isThere) return undefined
  return {
    path,
    folders: [...folders]
      .map(([name, sums]) => ({ name, path: above + name, ...sums }))
      .toSorted(byName),
    members: inside.toSorted((a, b) => compare(a.path, b.path) || a.at - b.at),
  }
}

function count(
  folders: Map<string, { members: number; size: number }>,
  name: string,
  { kind, size }: ArchiveMember,
): void {
  const sums = folders.get(name) ?? { members: 0, size: 0 }
  folders.set(name, sums)
  if (kind === 'folder') return
  sums.members++
  sums.size += size
}

/** Where looking begins: through folders that hold nothing but one folder, as source distributions have on top. */
export function firstFolder(listing: ArchiveListing): string {
  let view = viewFolder(listing, '')
  for (let deep = 0; deep < DEEPEST && view; deep++) {
    const [only, ...others] = view.folders
    if (only === undefined || others.length > 0 || view.members.length > 0) break
    view = viewFolder(listing, only.path)
  }
  return view?.path ?? ''
}

const DEEPEST = 3

const byName = (a: SubFolder, b: SubFolder): number => compare(a.name, b.name)
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** The members of that very path: more than one where names are doubled. */
export const membersAt = ({ members }: ArchiveListing, path: string): ArchiveMember[] =>
  members.filter((member) => member.path === path && member.kind !== 'folder')

/** Names of kinds that are hardly ever text: a look at one shows nothing. */
const notText =
  /\.(?:so(?:\.\d+)*|pyd|pyc|pyo|dll|dylib|exe|a|o|lib|bin|png|jpe?g|gif|ico|webp|bmp|tiff?|pdf|zip|whl|egg|gz|bz2|xz|zst|tar|jar|npy|npz|pkl|parquet|db|sqlite3?|woff2?|ttf|otf|eot|mp[34]|wav|ogg|mo|h5|onnx|wasm|class)$/i

export const mayBeText = ({ kind, path }: ArchiveMember): boolean =>
  kind === 'file' && !notText.test(path)
