/** The text of uploaded documentation: all pages that its generator left as data, or else all HTML. Within limits. */
import { buffer } from 'node:stream/consumers'
import { Refusal } from '#base/refusal'
import type { Sha256 } from '#blobs/blob-store'
import type { DocsPages, Page } from '#registry/docs-pages'
import type { DocsPageText } from './documents.ts'
import { readHtml } from './html-text.ts'

/** Of one zip. */
export const docsLimits = { pages: 5000, pageBytes: 4 * 1024 * 1024, bytes: 64 * 1024 * 1024 }

export class DocsText {
  readonly #pages: Pick<DocsPages, 'list' | 'open'>

  constructor(pages: Pick<DocsPages, 'list' | 'open'>) {
    this.#pages = pages
  }

  /** In the order of their paths. What is damaged is left out, and what is beyond the limits. */
  async read(digest: Sha256): Promise<DocsPageText[]> {
    const all = [...(await this.#pages.list(digest)).values()]
    const data = all.filter(({ path }) => path.endsWith('.fjson'))
    const chosen = data.length > 0 ? data : all.filter(({ path }) => /\.html?$/.test(path))
    const found: DocsPageText[] = []
    let bytes = 0
    for (const page of chosen.toSorted(byPath)) {
      bytes += page.size
      if (found.length >= docsLimits.pages || bytes > docsLimits.bytes) break
      const text = page.size > docsLimits.pageBytes ? undefined : await this.#read(digest, page)
      if (text) found.push(text)
    }
    return found
  }

  async #read(digest: Sha256, page: Page): Promise<DocsPageText | undefined> {
    try {
      const bytes = await buffer(await this.#pages.open(digest, page))
      return readPage(page.path, bytes.toString())
    } catch (error) {
      if (error instanceof Refusal) return undefined // that page can't be shown either
      throw error
    }
  }
}

/** Undefined for what holds no page. */
export function readPage(path: string, content: string): DocsPageText | undefined {
  const name = path.replace(/\.(?:fjson|html?)$/, '')
  if (path.endsWith('.fjson')) return readJsonPage(name, content)
  const { title, text } = readHtml(content, docsLimits.pageBytes)
  return text === undefined ? undefined : { path: name, title, text }
}

/** As Sphinx writes it. */
function readJsonPage(name: string, content: string): DocsPageText | undefined {
  const { title, body, current_page_name: path } = parseObject(content) ?? {}
  if (typeof body !== 'string') return undefined
  const plain = (html: string): string =>
    readHtml(html, docsLimits.pageBytes, { isFragment: true }).text ?? ''
  return {
    path: typeof path === 'string' && path !== '' ? path.slice(0, 1000) : name,
    title: typeof title === 'string' ? plain(title) : '',
    text: plain(body),
  }
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? { ...value } : undefined
  } catch {
    return undefined
  }
}

const byPath = (a: Page, b: Page): number => (a.path < b.path ? -1 : 1)
