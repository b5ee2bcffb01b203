/** Lists that are shown in pages: which one is asked for, and links to the others. */

/** A reader takes in this many at a glance, and a browser lays them out at once. */
export const LINES_PER_PAGE = 50

/** How many pages on each side of this one have a link. */
const AROUND = 3

export interface Paging {
  /** The first is 1. */
  readonly page: number
  readonly pages: number
  readonly previous: string | undefined
  readonly next: string | undefined
  /** The first page, those around this one, the last. Without a number: a gap. */
  readonly numbers: readonly { readonly number: number | undefined; readonly address: string }[]
}

/** `?page=` as a whole number from 1 on; what is none is the first page. */
export function pageNumber(query: URLSearchParams): number {
  const text = query.get('page') ?? ''
  return /^[1-9]\d{0,8}$/.test(text) ? Number(text) : 1
}

/** Of `count` lines, `size` on a page, the ones of the page that is asked for: where that is beyond the last, of the last. */
export function cutPage(
  wanted: number,
  count: number,
  size = LINES_PER_PAGE,
): { readonly page: number; readonly pages: number; readonly start: number; readonly end: number } {
  const pages = Math.max(1, Math.ceil(count / size))
  const page = Math.min(Math.max(1, wanted), pages)
  const start = (page - 1) * size
  return { page, pages, start, end: start + size }
}

export function pagingOf(
  { page, pages }: { readonly page: number; readonly pages: number },
  addressOf: (page: number) => string,
): Paging {
  const around = Array.from({ length: 2 * AROUND + 1 }, (_, at) => page - AROUND + at)
  const shown = [1, ...around.filter((one) => one > 1 && one < pages), pages].slice(
    pages === 1 ? 1 : 0,
  )
  const numbers = shown.flatMap((number, at) => {
    const link = { number, address: addressOf(number) }
    const isGap = at > 0 && number - (shown[at - 1] ?? 0) > 1
    return isGap ? [{ number: undefined, address: '' }, link] : [link]
  })
  return {
    page,
    pages,
    previous: page > 1 ? addressOf(page - 1) : undefined,
    next: page < pages ? addressOf(page + 1) : undefined,
    numbers,
  }
}

/** The first page has the list's own address. */
export const addressOfPage =
  (address: string) =>
  (page: number): string => {
    if (page === 1) return address
    return `${address}${address.includes('?') ? '&' : '?'}page=${page}`
  }
