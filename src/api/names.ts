/** The list of projects of the Simple API, over an index and its bases. */
import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { createBrotliCompress, createGzip, createZstdCompress, constants } from 'node:zlib'
import { conditional, redirect } from '#http/reply'
import { get, type Answer, type Call, type Route } from '#http/route'
import type { NameList } from '#mirror/mirrors'
import { printNames } from '#python/names-page'
import { listResolutionOrder } from '#registry/inheritance'
import { getIndex, indexName, type IndexName } from '#registry/indexes'
import { keys } from '#registry/keys'
import type { SimpleFormat } from '#simple/format'
import { mergeNames } from '#simple/names'
import type { Parts } from './parts.ts'
import { isInstaller, pageHeaders, queryOf, sendPage, varyByAgent } from './simple.ts'
import { codingFor, formatFor } from './simple-format.ts'

interface Found {
  /** Sorted; of all stages. */
  readonly own: readonly string[]
  readonly mirrors: readonly IndexName[]
}

export function nameRoutes(parts: Parts): Route[] {
  const showNames = projectLister(parts)
  return [
    get('/:user/:index/+simple/', showNames),
    get('/:user/:index/+simple', async (call) =>
      varyByAgent(
        formatFor(call) === 'json' || isInstaller(call)
          ? await showNames(call)
          : redirect(302, `+simple/${queryOf(call)}`),
      ),
    ),
  ]
}

/** Answers with the projects of the index in the path, and of its bases. */
export function projectLister({ ledger, mirrors, pages }: Parts): (call: Call) => Promise<Answer> {
  return showNames

  async function showNames(call: Call): Promise<Answer> {
    const format = formatFor(call)
    const index = indexName(call.params.user ?? '', call.params.index ?? '')
    await ledger.catchUp()
    const pageName = `names ${index} ${format}`
    const kept = pages.find<object>(pageName)
    if (kept) return sendPage(call, kept, format)

    const found = await ledger.read((tx) => findNames(tx, index))
    if (found.mirrors.length > 0) return streamNames(call, index, format, found)
    const page = await pages.build(pageName, async (tx) => {
      const { own } = await findNames(tx, index)
      const pieces = await Array.fromAsync(printNames(shapeOf(format), titleOf(index), [own]))
      return { text: pieces.join(''), extra: {} }
    })
    return sendPage(call, page, format)
  }

  /** A mirror's list may have 700,000 names: it is written while it is read, never held. */
  async function streamNames(
    call: Call,
    index: IndexName,
    format: SimpleFormat,
    { own, mirrors: mirrorNames }: Found,
  ): Promise<Answer> {
    const lists = await Promise.all(mirrorNames.map((name) => mirrors.names(name)))
    const coding = codingFor(call, Number.MAX_SAFE_INTEGER)
    const headers = pageHeaders(format, listEtag(own, lists, `${format} ${coding}`))
    if (conditional(call, headers.ETag ?? '')) return { status: 304, headers }
    if (coding !== 'identity') headers['Content-Encoding'] = coding
    if (call.method === 'HEAD') return { status: 200, headers }

    const text = Readable.from(printNames(shapeOf(format), titleOf(index), mergeNames(own, lists)))
    const body = coding === 'identity' ? text : text.compose(compressors[coding]())
    return { status: 200, headers, body }
  }
}

const shapeOf = (format: SimpleFormat) => (format === 'json' ? 'json' : 'html')
const titleOf = (index: IndexName) => `${index}: simple list (including inherited indices)`

const compressors = {
  gzip: () => createGzip({ level: 4 }),
  br: () => createBrotliCompress({ params: { [constants.BROTLI_PARAM_QUALITY]: 3 } }),
  zstd: () => createZstdCompress(),
}

async function findNames(tx: Parameters<typeof getIndex>[0], index: IndexName): Promise<Found> {
  await getIndex(tx, index)
  const own = new Set<string>()
  const mirrorNames: IndexName[] = []
  for (const { name, entry } of await listResolutionOrder(tx, index)) {
    if (entry.type === 'mirror') mirrorNames.push(name)
    else for (const project of await tx.listNames(keys.projects(name))) own.add(project)
  }
  return { own: [...own].sort(), mirrors: mirrorNames }
}

function listEtag(own: readonly string[], lists: readonly NameList[], variant: string): string {
  const hash = createHash('sha256').update(variant)
  for (const name of own) hash.update(`\n${name}`)
  for (const { etag } of lists) hash.update(`\0${etag}`)
  return `"${hash.digest('base64url').slice(0, 27)}"`
}
