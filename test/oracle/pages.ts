/** What the pages of both servers say, whatever they look like. */

export interface SimplePage {
  readonly title: string
  readonly heading: string
  readonly links: Readonly<Record<string, PageLink>>
  readonly order: readonly string[]
  /** The button that asks the mirrors again. */
  readonly refresh?: string
  readonly notice?: string
}

export interface PageLink {
  /** What stands on its line before it. */
  readonly before: string
  readonly attributes: Readonly<Record<string, string>>
}

export interface ErrorPage {
  readonly title: string
  readonly message: string
}

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/** Relative addresses are told by where they lead from `page`. */
export function readSimplePage(html: string, page: string): SimplePage {
  const anchors = html.matchAll(/([^\n>]*)<a\s+([^>]*)>(.*?)<\/a>/gs)
  const links = [...anchors].map(([, before = '', attributes = '', text = '']) => ({
    name: plain(text),
    link: { before: before.trim(), attributes: readAttributes(attributes, page) },
  }))
  const refresh = /<form action="([^"]*)"[^>]*>.*?value="([^"]*)"/s.exec(html)
  const notice = /<p>\s*(INFO:.*?)<\/p>/s.exec(html)?.[1]
  return {
    title: plain(/<title>(.*?)<\/title>/s.exec(html)?.[1] ?? ''),
    heading: plain(/<h1>(.*?)<\/h1>/s.exec(html)?.[1] ?? ''),
    links: Object.fromEntries(links.map(({ name, link }) => [name, link])),
    order: links.map(({ name }) => name),
    ...(refresh && { refresh: `${refresh[2]} ${lead(refresh[1] ?? '', page)}` }),
    ...(notice !== undefined && { notice: plain(notice) }),
  }
}

function readAttributes(text: string, page: string): Record<string, string> {
  const pairs = text.matchAll(/([\w-]+)(?:="([^"]*)")?/g)
  const attributes = [...pairs].map(([, name = '', value = '']) => [name, plain(value)] as const)
  return Object.fromEntries(
    attributes.map(([name, value]) => [name, name === 'href' ? lead(value, page) : value]),
  )
}

function lead(address: string, page: string): string {
  if (/^(ROOT|[a-z]+:)/.test(address)) return address
  const { pathname, hash } = new URL(address, `http://relative${page}`)
  return `relative ${pathname}${hash}`
}

/** Files by name, and their order; projects in an order of their own, for theirs is none. */
export function readJsonPage(json: unknown, page: string): unknown {
  if (typeof json !== 'object' || json === null || !('meta' in json)) return json
  const { files = [], projects, ...rest } = json as JsonPage
  if (projects) return { ...rest, projects: projects.map(({ name }) => name).toSorted() }
  return {
    ...rest,
    files: Object.fromEntries(
      files.map((file) => [file.filename, { ...file, url: lead(file.url, page) }]),
    ),
    order: files.map(({ filename }) => filename),
  }
}

interface JsonPage {
  readonly files?: readonly { readonly filename: string; readonly url: string }[]
  readonly projects?: readonly { readonly name: string }[]
}

/** The title is the status line's; the message is what stands below it. */
export function readErrorPage(text: string, type: string): ErrorPage {
  if (!/^text[/_]html/.test(type)) {
    const [title = '', ...rest] = text.split('\n')
    return { title: plain(title), message: plain(rest.join(' ')) }
  }
  const heading = /<h1>(.*?)<\/h1>(.*)/s.exec(text)
  return { title: plain(heading?.[1] ?? ''), message: plain(heading?.[2] ?? text) }
}

const entities: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
}

function plain(html: string): string {
  return html
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll(/&#x([0-9a-f]+);/gi, (_, code: string) => String.fromCodePoint(parseInt(code, 16)))
    .replaceAll(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)))
    .replaceAll(/&(\w+);/g, (whole, name: string) => entities[name] ?? whole)
    .replaceAll(/\s+/g, ' ')
    .trim()
}
