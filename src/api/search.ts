/** Search for programs: JSON at the address of the page for people, and names while they are typed. */
import { json } from '#http/reply'
import { get, type Answer, type Call, type Handle, type Route } from '#http/route'
import type { HitPlace, SearchHit, SearchItem, TextPart } from '#search/search'
import type { Parts } from './parts.ts'
import { asJson } from './views.ts'

export function searchRoutes(parts: Parts): Route[] {
  const { search, reading } = parts
  return [get('/+search', asJson(searchJson(parts))), get('/+search/suggest', suggest)]

  async function suggest({ query, who }: Call): Promise<Answer> {
    const text = query.get('q') ?? ''
    const limit = Number(query.get('limit') ?? Number.NaN)
    const mayRead = await reading.seenBy(who)
    const result = await search.suggest({ text, mayRead, ...(Number.isFinite(limit) && { limit }) })
    return json(200, { type: 'search_suggestions', result }, UNKEPT)
  }
}

/** Answers at once differ from answers of a minute ago. */
const UNKEPT = { 'Cache-Control': 'no-cache' }

/** `type: search_result`, in the shape that themes of devpi-web made known. */
export function searchJson({ search, reading }: Pick<Parts, 'search' | 'reading'>): Handle {
  return async (call) => {
    const text = call.query.get('query') ?? ''
    const page = Number(call.query.get('page') ?? 1)
    const mayRead = await reading.seenBy(call.who)
    const found = await search.query({ text, page, mayRead })
    const result = {
      query: text,
      info: {
        found: found.found,
        total: found.total,
        pagecount: found.pages,
        pagenum: found.page,
        is_limited: found.isLimited,
      },
      items: found.items.map((item) => viewItem(call, item)),
      notes: found.notes,
      did_you_mean: found.didYouMean,
    }
    return json(200, { type: 'search_result', result }, UNKEPT)
  }
}

function viewItem(call: Call, item: SearchItem) {
  const { index, project, spelling, version, summary, score, more, moreQuery } = item
  const [user, name] = index.split('/')
  const url = `${call.root}/${index}/${project}${version === undefined ? '' : `/${encodeURIComponent(version)}`}`
  return {
    title: version === undefined ? spelling : `${spelling}-${version}`,
    url,
    data: {
      type: 'project',
      path: `/${index}/${project}`,
      name: spelling,
      user,
      index: name,
      version: version ?? null,
      summary,
    },
    score,
    highlight: viewParts(item.name),
    sub_hits: item.hits.map((hit) => viewHit(hit, `${call.root}/${index}/${project}`)),
    more,
    more_url: more === 0 ? null : `${call.root}/+search?query=${encodeURIComponent(moreQuery)}`,
  }
}

const viewHit = ({ type, title, place, highlight, score }: SearchHit, project: string) => ({
  data: { type },
  title,
  url: project + addressOf(place),
  highlight: viewParts(highlight),
  score,
})

function addressOf(place: HitPlace): string {
  const version = encodeURIComponent(place.version ?? '')
  if (place.kind === 'release') return version === '' ? '' : `/${version}#${place.anchor}`
  return `/${version}/+d/${place.page.split('/').map(encodeURIComponent).join('/')}`
}

const viewParts = (parts: readonly TextPart[]) =>
  parts.map(({ text, isMatch }) => ({ text, match: isMatch }))
