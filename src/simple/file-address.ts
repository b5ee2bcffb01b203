/** Where a page's files are: as short as it gets, as devpi has it. */
import { fileFolder } from '#registry/file-path'
import type { IndexName } from '#registry/indexes'
import type { Link } from '#registry/links'

/** Where links point from: they are relative to it, unless there is an absolute `root`. */
export interface AddressPlace {
  readonly index: IndexName
  /** How many `../` lead from the page to its index. */
  readonly depth: number
  readonly root?: string | undefined
  /** Whether all files are served by this index, which has policies to enforce, and not by those that hold them. */
  readonly isPoliced?: boolean
}

/** Addresses as they stand on the page, percent-encoded. That of an index is worked out once. */
export function fileAddresses(place: AddressPlace): (link: Link) => string {
  const known = new Map<IndexName, string>()
  const addressOf = (index: IndexName): string => {
    let address = known.get(index)
    if (address === undefined) known.set(index, (address = urlOfIndex(index, place)))
    return address
  }
  return ({ index, filename, file }) => {
    const base = addressOf(place.isPoliced ? place.index : index)
    return `${base}${fileFolder(file)}/${encodeFilename(filename)}`
  }
}

/** Up to what both addresses share. */
function urlOfIndex(index: IndexName, { index: from, depth, root }: AddressPlace): string {
  const [user = '', name = ''] = index.split('/').map(encodeURIComponent)
  if (root !== undefined) return `${root}/${user}/${name}/`
  if (index === from) return '../'.repeat(depth)
  const isSameUser = from.startsWith(index.slice(0, index.indexOf('/') + 1))
  return isSameUser
    ? `${'../'.repeat(depth + 1)}${name}/`
    : `${'../'.repeat(depth + 2)}${user}/${name}/`
}

/** Nearly every file's: there is nothing to encode. */
const PLAIN = /^[\w.-]*$/

/** pip quotes `+` and `!` itself: written so, the page and the request agree (index-standards 1.1). */
export const encodeFilename = (filename: string): string =>
  PLAIN.test(filename) ? filename : encodeURIComponent(filename).replaceAll('!', '%21')
