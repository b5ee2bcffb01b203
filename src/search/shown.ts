/** What policies leave of a page of results: an index of words knows nothing of what they hide, and until when. */
import type { ReadTransaction } from '#ledger/transaction'
import { compareVersionTexts } from '#python/version-order'
import { keys } from '#registry/keys'
import { listLinks, listScope } from '#registry/links'
import type { Policies } from '#registry/policies'
import { releaseOf } from '#registry/release-links'
import type { SearchHit, SearchItem } from './search.ts'

/** Undefined where nothing is shown that answers. */
export async function showItem(
  tx: ReadTransaction,
  policies: Policies,
  item: SearchItem,
): Promise<SearchItem | undefined> {
  const { index, project } = item
  if (!(await tx.get(keys.index(index)))) return undefined // it went away in between
  if (!policies.isPoliced(await listScope(tx, index, 'all'))) return item
  const { links, withheld } = await listLinks(tx, policies, { index, project })
  const hidden = withheld.filter(({ why }) => why === 'policy').map(({ link }) => link)
  if (hidden.length === 0) return item

  const shown = new Set(links.map(({ file }) => releaseOf(file)))
  const gone = new Set(hidden.map(({ file }) => releaseOf(file)).filter((one) => !shown.has(one)))
  const newest = [...shown].sort(compareVersionTexts).at(-1)
  if (newest === undefined) return undefined
  const isOther = item.version !== undefined && gone.has(item.version)
  const hits = item.hits.filter((hit) => isShown(hit, { isOther, gone }))
  const isNamed = item.name.some(({ isMatch }) => isMatch)
  if (hits.length === 0 && !isNamed) return undefined
  if (!isOther) return { ...item, hits }
  const metadata = await tx.get(keys.version(index, project, newest))
  return { ...item, hits, version: newest, summary: [metadata?.summary ?? ''].flat().join(' ') }
}

/** Metadata is that of the latest release; names of files are told together. */
function isShown(
  { type, place }: SearchHit,
  { isOther, gone }: { readonly isOther: boolean; readonly gone: ReadonlySet<string> },
): boolean {
  if (place.kind === 'docs') return !gone.has(place.version)
  return type !== 'file' && !isOther
}
