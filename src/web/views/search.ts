/** The model of the template `search`: what was found, by project. */
import type {
  DocumentType,
  HitPlace,
  SearchHit,
  SearchItem,
  SearchResult,
  TextPart,
} from '#search/search'
import type { Addresses } from '../addresses.ts'
import { addressOfPage, pagingOf, type Paging } from './paging.ts'

export interface SearchView {
  /** As it was typed. */
  readonly query: string
  readonly items: readonly SearchLine[]
  /** Projects. */
  readonly total: number
  /** Documents. */
  readonly found: number
  readonly isLimited: boolean
  readonly notes: readonly string[]
  readonly didYouMean: readonly { readonly query: string; readonly address: string }[]
  readonly helpAddress: string
  readonly paging: Paging
}

export interface SearchLine {
  /** With what was found marked. */
  readonly name: readonly TextPart[]
  readonly version: string | undefined
  readonly index: string
  readonly indexAddress: string
  readonly address: string
  readonly summary: string
  readonly hits: readonly HitLine[]
  readonly more: number
  readonly moreAddress: string
}

export interface HitLine {
  readonly title: string
  readonly address: string
  readonly text: readonly TextPart[]
}

export function viewSearch(query: string, result: SearchResult, addresses: Addresses): SearchView {
  const { total, found, isLimited, notes, didYouMean } = result
  return {
    query,
    items: result.items.map((item) => searchLine(item, addresses)),
    ...{ total, found, isLimited, notes },
    didYouMean: didYouMean.map((other) => ({ query: other, address: addresses.search(other) })),
    helpAddress: addresses.at('+searchhelp'),
    paging: pagingOf(result, addressOfPage(addresses.search(query))),
  }
}

function searchLine(item: SearchItem, addresses: Addresses): SearchLine {
  const { index, project, name, version, summary, hits, more, moreQuery } = item
  return {
    ...{ name, version, index, summary, more },
    indexAddress: addresses.index(index),
    address:
      version === undefined
        ? addresses.project(index, project)
        : addresses.release(index, project, version),
    // What the line says already need not be said again.
    hits: hits.map((hit) => hitLine(hit, item, addresses)),
    moreAddress: addresses.search(moreQuery),
  }
}

function hitLine({ title, place, highlight }: SearchHit, item: SearchItem, addresses: Addresses) {
  return { title, address: addressOf(place, item, addresses), text: highlight }
}

/** Where the page of a release has it. Files are of all releases. */
const anchors: Partial<Record<DocumentType, string>> = {
  summary: 'summary',
  keywords: 'keywords',
  description: 'description',
  author: 'facts',
  author_email: 'facts',
}

function addressOf(
  place: HitPlace,
  { index, project }: Pick<SearchItem, 'index' | 'project'>,
  addresses: Addresses,
): string {
  const { version } = place
  if (version === undefined) return addresses.project(index, project)
  const release = addresses.release(index, project, version)
  if (place.kind === 'release') {
    const anchor = anchors[place.anchor]
    return anchor === undefined ? addresses.project(index, project) : `${release}#${anchor}`
  }
  return `${release}/+d/${place.page.split('/').map(encodeURIComponent).join('/')}`
}
