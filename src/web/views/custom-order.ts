/** Sorting and grouping by what users and indexes say of themselves in `custom_data`. */

/** Which keys of `custom_data` decide. */
export interface OrderKeys {
  /** A text: what stands together. Default `group`. */
  readonly group: string
  /** A number, or a text: the smaller comes first, what has none comes last. Default `order`. */
  readonly sort: string
}

/** The keys of the query `?group=…&sort=…`. */
export const orderKeys = (query: URLSearchParams): OrderKeys => ({
  group: query.get('group') ?? 'group',
  sort: query.get('sort') ?? 'order',
})

/** A value of `custom_data`, which may be any JSON, or JSON that a command line sent as text. */
export function customValue(data: unknown, key: string): string | number | undefined {
  const object = typeof data === 'string' ? parseObject(data) : data
  if (typeof object !== 'object' || object === null || !Object.hasOwn(object, key)) return undefined
  const value: unknown = (object as Record<string, unknown>)[key]
  return typeof value === 'string' || typeof value === 'number' ? value : undefined
}

/** Numbers before texts, both before nothing; equals by name. */
export function compareCustom(
  a: { readonly order: string | number | undefined; readonly name: string },
  b: { readonly order: string | number | undefined; readonly name: string },
): number {
  return (
    rankOf(a.order) - rankOf(b.order) ||
    (typeof a.order === 'number' && typeof b.order === 'number' ? a.order - b.order : 0) ||
    (typeof a.order === 'string' && typeof b.order === 'string' ? byText(a.order, b.order) : 0) ||
    byText(a.name, b.name)
  )
}

const rankOf = (value: string | number | undefined): number =>
  typeof value === 'number' ? 0 : value === undefined ? 2 : 1

const { compare: byText } = new Intl.Collator('en', { numeric: true })

function parseObject(text: string): unknown {
  if (!text.trimStart().startsWith('{')) return undefined
  try {
    return JSON.parse(text)
  } catch {
    return undefined // a text like any other
  }
}
