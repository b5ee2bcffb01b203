/** A lock file whose addresses lead to another index, with everything else as it was. */
import { mapInParallel } from '#base/parallel'
import type { LockAddress, LockedFile, LockedPackage, LockFile } from '#python/lock-file'
import type { ProjectName } from '#python/name'
import type { Offer } from './offers.ts'

export interface RelockOptions {
  /** What the new place has of a project that was locked from `from`, as far as that is known. */
  offers(project: ProjectName, from: string | undefined): Promise<readonly Offer[]>
  /** Only what was locked from this index; and the index of what does not say from where it is. */
  readonly from?: string | undefined
  /** The one index that all leads to; absent where each file tells its own. */
  readonly index?: string | undefined
}

export interface Relocked {
  readonly text: string
  readonly packages: number
  readonly files: number
  /** Addresses that are others than before. */
  readonly changed: number
  /** What stands in the way, each a sentence with its line. Then `text` is not to be used. */
  readonly problems: readonly string[]
  /** What was left as it is. */
  readonly notes: readonly string[]
}

/** Projects that are asked for at once. */
const AT_ONCE = 8

export async function relockText(
  text: string,
  lock: LockFile,
  options: RelockOptions,
): Promise<Relocked> {
  const whole = lock.addresses.find(({ kind, project }) => kind === 'index' && !project)?.url
  const meant = lock.packages
    .filter(({ files }) => files.length > 0)
    .map((locked) => ({ locked, from: indexOf(locked, whole, options) }))
    .filter(({ locked, from }) => isMeant(locked.index === undefined ? undefined : from, options))
  const groups = [...Map.groupBy(meant, ({ locked, from }) => `${locked.name} ${from}`).values()]

  const problems: string[] = []
  const urls = new Map<string, string>()
  const indexes = new Map<ProjectName, Set<string>>()
  await mapInParallel(groups, AT_ONCE, async (group) => {
    const [{ locked, from }] = group as [(typeof meant)[number]]
    const byHash = indexOffers(await options.offers(locked.name, from))
    const own = indexes.get(locked.name) ?? new Set()
    indexes.set(locked.name, own)
    for (const file of group.flatMap((one) => one.locked.files)) {
      const found = findOffer(file, byHash)
      if (typeof found === 'string') problems.push(`line ${file.line}: ${nameOf(file)} ${found}`)
      else {
        own.add(found.index)
        if (file.url !== undefined) urls.set(`${file.project} ${file.url}`, found.url)
      }
    }
  })
  const { pieces, notes, changed } = replaceAddresses(text, lock, (address) =>
    address.kind === 'file'
      ? urls.get(`${address.project} ${address.url}`)
      : newIndex(address, { indexes, options, problems }),
  )
  return {
    text: pieces.join(''),
    packages: meant.length,
    files: meant.reduce((sum, { locked }) => sum + locked.files.length, 0),
    changed,
    problems: problems.toSorted((a, b) => lineOf(a) - lineOf(b)),
    notes,
  }
}

/** An address of ours says of which index it is; a requirements file names one for all (`whole`). */
function indexOf(
  { index, files }: LockedPackage,
  whole: string | undefined,
  { from }: RelockOptions,
): string | undefined {
  const ours = /^(https?:\/\/[^?#]*)\/\+[ef]\//i.exec(files[0]?.url ?? '')?.[1]
  return index ?? from ?? ours ?? whole
}

const isMeant = (index: string | undefined, { from }: RelockOptions): boolean =>
  from === undefined || index === undefined || isSameIndex(index, from)

/** Whatever stands in front of the host, and however the address ends. */
export function isSameIndex(a: string, b: string): boolean {
  const plain = (text: string): string => {
    const url = URL.parse(text)
    return url
      ? `${url.host}${url.pathname.replace(/(?<!\/)\/+$/, '').replace(/\/\+simple$/, '')}`
      : text
  }
  return plain(a) === plain(b)
}

interface Offers {
  readonly byHash: ReadonlyMap<string, readonly Offer[]>
  readonly byName: ReadonlyMap<string, readonly Offer[]>
}

function indexOffers(offers: readonly Offer[]): Offers {
  const hashed = offers.flatMap((offer) =>
    Object.entries(offer.hashes).map(([name, hex]) => ({ key: `${name}:${hex}`, offer })),
  )
  const byHash = Map.groupBy(hashed, ({ key }) => key)
  return {
    byHash: new Map([...byHash].map(([key, all]) => [key, all.map(({ offer }) => offer)])),
    byName: Map.groupBy(offers, ({ filename }) => filename),
  }
}

/** The file with these bytes, or why there is none. All hashes that both sides know must agree. */
function findOffer(
  { filename, hashes }: LockedFile,
  { byHash, byName }: Offers,
): (Offer & { readonly url: string }) | string {
  const own = Object.entries(hashes)
  const same = own
    .flatMap(([name, hex]) => byHash.get(`${name}:${hex}`) ?? [])
    .filter((offer) => filename === undefined || offer.filename === filename)
    .filter((offer) => own.every(([name, hex]) => (offer.hashes[name] ?? hex) === hex))
  const found = same.find(({ url }) => url !== undefined)
  if (found?.url !== undefined) return { ...found, url: found.url }
  if (same[0]) return `lies on ${same[0].index} itself and has no upstream`
  const named = filename === undefined ? [] : (byName.get(filename) ?? [])
  if (named.length === 0) return 'is not there'
  const isOther = named.some((offer) => own.some(([name]) => offer.hashes[name] !== undefined))
  const names = own.map(([name]) => name).join(' or ')
  return isOther ? 'has another hash there' : `is there, but its ${names} is not told`
}

const nameOf = ({ filename, project, version = '', hashes }: LockedFile): string =>
  filename ?? `${project} ${version} (${Object.entries(hashes)[0]?.join(':')})`

interface Around {
  readonly indexes: ReadonlyMap<ProjectName, ReadonlySet<string>>
  readonly options: RelockOptions
  readonly problems: string[]
}

/** Undefined: it stays. */
function newIndex(address: LockAddress, { indexes, options, problems }: Around) {
  const { kind, url, project, line } = address
  if (kind === 'find-links') return newFindLinks(url, indexes)
  if (!isMeant(url, options)) return undefined
  const all =
    project === undefined
      ? new Set([...indexes.values()].flatMap((own) => [...own]))
      : (indexes.get(project) ?? new Set<string>())
  if (all.size > 1) {
    problems.push(`line ${line}: its files come from several indexes: ${[...all].join(', ')}`)
    return undefined
  }
  const [index = project === undefined ? options.index : undefined] = all
  return index !== undefined && !url.endsWith('/') ? index.replace(/\/$/, '') : index
}

/** A project's page of an index is found again; any other page of links has no counterpart. */
function newFindLinks(url: string, indexes: Around['indexes']): string | undefined {
  const project = /\/([a-z0-9-]+)\/?$/.exec(url)?.[1] ?? ''
  const [index, other] = indexes.get(project) ?? []
  return index === undefined || other !== undefined ? undefined : `${index}${project}/`
}

function replaceAddresses(
  text: string,
  { addresses }: LockFile,
  replacement: (address: LockAddress) => string | undefined,
) {
  const pieces: string[] = []
  const notes: string[] = []
  let [at, changed] = [0, 0]
  for (const address of addresses) {
    const url = replacement(address)
    if (url === undefined && address.kind === 'find-links') {
      notes.push(`line ${address.line}: --find-links ${address.url} is left as it is`)
    }
    if (url === undefined || url === address.url) continue
    // Needs no escape then, in whichever quotes it stands.
    pieces.push(text.slice(at, address.start), new URL(url).href.replaceAll("'", '%27'))
    at = address.end
    changed++
  }
  pieces.push(text.slice(at))
  return { pieces, notes, changed }
}

const lineOf = (sentence: string): number => Number(/^line (\d+)/.exec(sentence)?.[1])
