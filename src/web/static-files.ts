/** Files that pages load: styles, scripts, pictures. Their addresses tell their content, so they are kept for ever. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import { codingFor } from '#http/coding'
import { conditional } from '#http/reply'
import type { Answer, Call } from '#http/route'
import { refuse } from '#base/refusal'
import { Page } from '#simple/page'
import { listNames } from './theme/folders.ts'

const types: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.gif': 'image/gif',
  '.webp': 'image/webp',
  '.avif': 'image/avif',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.woff': 'font/woff',
  '.txt': 'text/plain; charset=utf-8',
}

/** Files of other kinds are no business of a page. */
export const isServed = (name: string): boolean => types[extname(name)] !== undefined

/** Compressed already. */
const packed = /^(image\/(?!svg)|font\/)/

/** Scripts of every page, sent as one: each request costs a browser more than its bytes. */
const JOINED = 'every-page.js'
const scripts = [
  'local-times.js',
  'copy-text.js',
  'suggest-names.js',
  'scroll-by-keys.js',
  'scroll-to-viewed.js',
]

const IMMUTABLE = 'public, max-age=31536000, immutable'

interface StaticFile {
  readonly type: string
  readonly page: Page<undefined>
}

export interface StaticFolder {
  readonly folder: string
  /** Its files have a second name too, behind this one and a slash. */
  readonly name?: string
}

export class StaticFiles {
  readonly #files: ReadonlyMap<string, StaticFile>
  /** Of all of them together: a changed file changes every address. */
  readonly digest: string

  /** Reads those folders that are there; of files of one name the first counts. */
  constructor(folders: readonly StaticFolder[]) {
    const files = new Map<string, StaticFile>()
    for (const { folder, name: prefix } of folders.toReversed()) {
      for (const name of listNames(folder).filter(isServed)) {
        const file = readFile(folder, name)
        files.set(name, file)
        if (prefix !== undefined) files.set(`${prefix}/${name}`, file)
      }
    }
    const joined = scripts.flatMap((name) => files.get(name) ?? [])
    if (joined.length === scripts.length) files.set(JOINED, joinScripts(joined))
    this.#files = files
    const hash = createHash('sha256')
    for (const [name, { page }] of this.#files) hash.update(`${name}\0`).update(page.body)
    this.digest = hash.digest('hex').slice(0, 12)
  }

  has(name: string): boolean {
    return this.#files.has(name)
  }

  send(call: Call, name: string): Answer | Promise<Answer> {
    const file = this.#files.get(name)
    if (!file) throw refuse('not-found', { what: call.path })
    const { page, type } = file
    const coding = packed.test(type) ? 'identity' : codingFor(call, page.body.length)
    const headers: Record<string, string> = {
      'Content-Type': type,
      'Cache-Control': IMMUTABLE,
      Vary: 'Accept-Encoding',
      'X-Content-Type-Options': 'nosniff',
      ETag: page.etag(coding),
    }
    if (conditional(call, page.etag(coding))) return { status: 304, headers }
    if (coding === 'identity') return { status: 200, headers, body: page.body }
    const coded = { ...headers, 'Content-Encoding': coding }
    const form = page.form(coding)
    if (Buffer.isBuffer(form)) return { status: 200, headers: coded, body: form }
    return form.then((body) => ({ status: 200, headers: coded, body }))
  }
}

/** Modules without imports: each keeps its names to itself. */
function joinScripts(files: readonly StaticFile[]): StaticFile {
  const text = files.map(({ page }) => `{\n${page.body.toString()}}\n`).join('')
  return { type: files[0]!.type, page: new Page(Buffer.from(text), undefined, JOINED) }
}

function readFile(folder: string, name: string): StaticFile {
  const type = types[extname(name)] ?? 'application/octet-stream'
  return { type, page: new Page(readFileSync(join(folder, name)), undefined, name) }
}
