/** All that a server of devpi's API shows, in a form that compares: what two have that hold the same is equal. */
import { createHash } from 'node:crypto'
import { parseJson, readSimplePage } from '../oracle/pages.ts'
import { devpiAuth, logIn } from './devpi-api.ts'

const SIMPLE_JSON = 'application/vnd.pypi.simple.v1+json'

type Json = Readonly<Record<string, unknown>>

export interface SiteContent {
  readonly users: Json
  /** By `user/index`. */
  readonly indexes: Readonly<Record<string, IndexContent>>
  /** Digests of all that links lead to, by path. */
  readonly files: Readonly<Record<string, string>>
}

export interface IndexContent {
  readonly projects: readonly string[]
  /** Metadata and links by project. */
  readonly releases: Json
  /** The links of the Simple pages, as HTML and as JSON. */
  readonly pages: Json
  /** The first pages of documentation, by release. */
  readonly docs: Json
}

export interface SiteOptions {
  /** Without trailing slash. */
  readonly url: string
  /** That of root. */
  readonly password?: string
  /** Indexes whose content is not looked at: mirrors that would ask upstream. */
  readonly without?: readonly string[]
}

/** Read as root, who may see everything. */
export async function readSite(options: SiteOptions): Promise<SiteContent> {
  const { password = '', without = [] } = options
  const url = options.url.replace(/\/$/, '')
  const token = await logIn(url, 'root', password)
  const site = new Site(url, devpiAuth({ user: 'root', secret: token }))
  const { result: users } = (await site.json('/')) as { result: Record<string, Json> }
  const names = Object.entries(users).flatMap(([user, { indexes = {} }]) =>
    Object.keys(indexes as object).map((index) => `${user}/${index}`),
  )
  const indexes: Record<string, IndexContent> = {}
  for (const name of names) if (!without.includes(name)) indexes[name] = await readIndex(site, name)
  return { users, indexes, files: Object.fromEntries(site.files) }
}

class Site {
  readonly files = new Map<string, string>()
  readonly #url: string
  readonly #auth: Readonly<Record<string, string>>

  constructor(url: string, auth: Readonly<Record<string, string>>) {
    this.#url = url
    this.#auth = auth
  }

  async text(path: string, accept: string): Promise<{ status: number; text: string }> {
    const headers = { ...this.#auth, accept }
    const answer = await fetch(this.#url + path, { headers })
    return { status: answer.status, text: (await answer.text()).replaceAll(this.#url, 'ROOT') }
  }

  async json(path: string, accept = 'application/json'): Promise<unknown> {
    const { status, text } = await this.text(path, accept)
    if (status !== 200) throw new Error(`GET ${path}: ${status} ${text}`)
    return parseJson(text)
  }

  /** Remembers what is there. */
  async fetchFile(address: string): Promise<void> {
    const path = address.replace(/^ROOT/, '').replace(/#.*$/, '')
    if (this.files.has(path)) return
    const answer = await fetch(this.#url + path, { headers: this.#auth })
    const digest = createHash('sha256').update(new Uint8Array(await answer.arrayBuffer()))
    const modified = answer.headers.get('last-modified')
    this.files.set(path, `${answer.status} ${digest.digest('hex')} ${modified}`)
  }
}

async function readIndex(site: Site, index: string): Promise<IndexContent> {
  const { result } = (await site.json(`/${index}`)) as { result: { projects: string[] } }
  const releases: Record<string, unknown> = {}
  const pages: Record<string, unknown> = {}
  const docs: Record<string, unknown> = {}
  for (const project of result.projects) {
    const versions = await readReleases(site, `/${index}/${project}`)
    releases[project] = versions
    pages[project] = await readPages(site, `/${index}/+simple/${project}/`)
    for (const [version, release] of Object.entries(versions)) {
      const links = release['+links'] ?? []
      for (const { href } of Object.values(links)) await site.fetchFile(href)
      if (!Object.values(links).some(({ rel }) => rel === 'doczip')) continue
      const address = `/${index}/${project}/${version}/+doc/index.html`
      docs[`${project} ${version}`] = await site.text(address, 'text/html')
    }
  }
  return { projects: result.projects.toSorted(), releases, pages, docs }
}

interface Release {
  readonly '+links'?: Readonly<Record<string, { readonly href: string; readonly rel: string }>>
}

/** Links by where they lead: their order is none that counts. */
async function readReleases(site: Site, path: string): Promise<Record<string, Release>> {
  const { result } = (await site.json(path)) as { result: Record<string, Json> }
  const versions = Object.entries(result).map(([version, release]) => {
    const links = release['+links'] as readonly { href: string }[] | undefined
    const { '+shadowing': _more, ...own } = release
    const byAddress = links && Object.fromEntries(links.map((link) => [link.href, link]))
    return [version, { ...own, ...(byAddress && { '+links': byAddress }) }]
  })
  return Object.fromEntries(versions) as Record<string, Release>
}

async function readPages(site: Site, path: string): Promise<unknown> {
  const html = await site.text(path, 'text/html')
  const { files } = (await site.json(path, SIMPLE_JSON)) as { files: readonly Json[] }
  const links = Object.entries(readSimplePage(html.text, path).links).map(
    ([name, { attributes }]) => [name, attributesThatCount(attributes)] as const,
  )
  const listed = files.map(({ filename, url, hashes, ...file }) => [
    filename,
    {
      url: decodeURIComponent(String(url)),
      hashes,
      asks: file['requires-python'] || null,
      yanked: file.yanked || null,
    },
  ])
  return { html: Object.fromEntries(links), json: Object.fromEntries(listed) as Json }
}

/** Wheelyard also tells of core metadata. */
function attributesThatCount(attributes: Readonly<Record<string, string>>) {
  const { href, 'data-requires-python': asks, 'data-yanked': yanked } = attributes
  return { href: decodeURIComponent(href ?? ''), asks: asks || null, yanked: yanked ?? null }
}
