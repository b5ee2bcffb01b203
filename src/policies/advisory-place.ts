/** One place that advisories come from: what was read of it last stays until something better is there. */
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Dispatchers } from '#base/dispatchers'
import { makeFolder } from '#base/make-folder'
import { readBook, type AdvisoryBook } from './advisory-book.ts'
import { fetchFeed } from './advisory-feed.ts'

export interface AdvisoryPlace {
  /** For logs: without a password. */
  readonly name: string
  /** What is on this machine of it; undefined where nothing is new, or nothing is here. */
  load(before: string | undefined): Promise<AdvisoryBook | undefined>
  /** What is there now; undefined where nothing is new. */
  look(before: string | undefined, signal: AbortSignal): Promise<AdvisoryBook | undefined>
}

export const isFeed = (place: string): boolean => /^https?:\/\//i.test(place)

/** A folder, a zip or a JSON file of this machine. */
export const localPlace = (path: string): AdvisoryPlace => ({
  name: path,
  load: (before) => readBook(path, before),
  look: (before) => readBook(path, before),
})

export interface FeedOptions {
  /** Where the feeds are kept. */
  readonly folder: string
  readonly dispatchers: Dispatchers
  readonly userAgent: string
}

/** An address. Its last answer that could be read is kept in a file, beside its ETag. */
export function feedPlace(url: string, options: FeedOptions): AdvisoryPlace {
  const { folder, dispatchers, userAgent } = options
  const base = join(folder, createHash('sha256').update(url).digest('hex').slice(0, 16))
  return { name: withoutLogin(url), load, look }

  async function load(before: string | undefined): Promise<AdvisoryBook | undefined> {
    const path = keptFile()
    return path === undefined ? undefined : readBook(path, before)
  }

  async function look(
    before: string | undefined,
    signal: AbortSignal,
  ): Promise<AdvisoryBook | undefined> {
    await makeFolder(folder, 0o750)
    const etag = before === undefined ? undefined : await keptEtag()
    const fetched = await fetchFeed(dispatchers, { url, etag, userAgent, signal }, base)
    if (!fetched) return undefined
    try {
      const book = await readBook(fetched.path, before)
      await rename(fetched.path, `${base}.${fetched.kind}`)
      await rm(`${base}.${fetched.kind === 'zip' ? 'json' : 'zip'}`, { force: true })
      await rm(`${base}.etag`, { force: true })
      if (fetched.etag !== undefined) await writeFile(`${base}.etag`, fetched.etag)
      return book
    } finally {
      await rm(fetched.path, { force: true })
    }
  }

  function keptFile(): string | undefined {
    return ['zip', 'json'].map((ending) => `${base}.${ending}`).find((path) => existsSync(path))
  }

  async function keptEtag(): Promise<string | undefined> {
    if (keptFile() === undefined) return undefined
    return readFile(`${base}.etag`, 'utf8').catch(() => undefined)
  }
}

const withoutLogin = (url: string): string => url.replace(/^(https?:\/\/)[^/?#]*@/i, '$1')
