/** The list of projects of the Simple API, over an index and its bases. */
import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { createBrotliCompress, createGzip, createZstdCompress, constants } from 'node:zlib'
import { conditional, redirect } from '#http/reply'
import { get, type Answer, type Call, type Handle, type Route } from '#http/route'
import type { ReadTransaction } from '#ledger/transaction'
import type { NameList } from '#mirror/mirrors'
import { printNames, printSections, type NamesSection } from '#python/names-page'
import { indexName, type IndexName, type NamedIndex } from '#registry/indexes'
import { keys } from '#registry/keys'
import { listScope, type Scope } from '#registry/links'
import { contentTypes, type SimpleFormat } from '#simple/format'
import { inBatches, mergeNames, namesNotIn } from '#simple/names'
import { isInstaller } from './installer-agent.ts'
import { pageHeaders, queryOf, sendPage, varyByAgent } from './page-reply.ts'
import type { Parts } from './parts.ts'
import { codingFor } from '#http/coding'
import { formatFor } from './simple-format.ts'
import { scopes } from './simple.ts'

/** An address that a list has. */
export interface ListAddress {
  readonly scope: Scope
  /** What leads from it to the folder of its projects. */
  readonly prefix: string
}

interface Wanted extends ListAddress {
  readonly index: IndexName
  readonly format: SimpleFormat
  /** Index by index, as devpi shows it. */
  readonly isForPeople: boolean
}

/** An index whose names are all here. */
interface Section {
  readonly heading: string
  readonly names: readonly string[]
}

interface Found {
  readonly sections: readonly Section[]
  /** Whose lists are streamed. */
  readonly mirrors: readonly IndexName[]
}

export function nameRoutes(parts: Parts): Route[] {
  const showNames = projectLister(parts)
  return Object.entries(scopes).flatMap(([folder, scope]) => [
    get(
      `/:user/:index/${folder}/`,
      showNames(() => ({ scope, prefix: '' })),
    ),
    get(`/:user/:index/${folder}`, withoutSlash(folder, scope)),
  ])

  function withoutSlash(folder: string, scope: Scope): Handle {
    const show = showNames(() => ({ scope, prefix: `${folder}/` }))
    return (call) =>
      formatFor(call) === 'json' || isInstaller(call)
        ? show(call)
        : varyByAgent(redirect(302, `${folder}/${queryOf(call)}`))
  }
}

/** Answers with the projects of the index in the path, for each of the addresses that a list has. */
export function projectLister(parts: Parts) {
  const { ledger, mirrors, pages } = parts
  return (addressOf: (call: Call) => ListAddress) => (call: Call) =>
    showNames(call, addressOf(call))

  async function showNames(call: Call, address: ListAddress): Promise<Answer> {
    const format = formatFor(call)
    const index = indexName(call.params.user ?? '', call.params.index ?? '')
    const isForPeople = format === 'html' && !isInstaller(call)
    const wanted: Wanted = { ...address, index, format, isForPeople }
    await ledger.catchUp()
    const kept = pages.find<object>(pageName(wanted))
    if (kept) return sendPage(call, kept, contentTypes[format])

    const isStreamed = await ledger.read((tx) => hasMirrors(tx, wanted))
    if (isStreamed) {
      return streamNames(call, wanted, await ledger.read((tx) => findNames(tx, wanted)))
    }
    const page = await pages.build(pageName(wanted), async (tx) => {
      const pieces = await Array.fromAsync(print(wanted, await findNames(tx, wanted), []))
      return { text: pieces.join(''), extra: {} }
    })
    return sendPage(call, page, contentTypes[format])
  }

  /** A mirror's list may have 700,000 names: it is written while it is read, never held. */
  async function streamNames(call: Call, wanted: Wanted, found: Found): Promise<Answer> {
    const lists = await Promise.all(found.mirrors.map((name) => mirrors.names(name)))
    const coding = codingFor(call, Number.MAX_SAFE_INTEGER)
    const etag = listEtag(found, lists, `${pageName(wanted)} ${coding}`)
    const headers = pageHeaders(contentTypes[wanted.format], etag)
    if (conditional(call, etag)) return { status: 304, headers }
    if (coding !== 'identity') headers['Content-Encoding'] = coding
    if (call.method === 'HEAD') return { status: 200, headers }

    const text = Readable.from(print(wanted, found, lists))
    const body = coding === 'identity' ? text : text.compose(compressors[coding]())
    return { status: 200, headers, body }
  }
}

const pageName = ({ index, scope, format, isForPeople, prefix }: Wanted): string =>
  `names ${index} ${scope} ${isForPeople ? 'people' : format} ${format === 'json' ? '' : prefix}`

function print(
  { index, format, isForPeople, prefix }: Wanted,
  found: Found,
  lists: readonly NameList[],
): AsyncGenerator<string> {
  const title = `${index}: simple list (including inherited indices)`
  if (isForPeople) return printSections(title, sectionsOf(found, lists))
  const own = ownNames(found)
  const shape = format === 'json' ? 'json' : 'html'
  return printNames({ format: shape, title, prefix }, mergeNames(own, lists))
}

/** Sorted, each once: as the ledger has them of one index. */
function ownNames({ sections }: Found): readonly string[] {
  const [first, ...others] = sections
  if (first && others.length === 0) return first.names
  return [...new Set(sections.flatMap(({ names }) => names))].sort()
}

/** Each name once, with the first index that has it. */
function sectionsOf({ sections, mirrors }: Found, lists: readonly NameList[]): NamesSection[] {
  const taken = new Set<string>()
  const own = sections.map(({ heading, names }) => {
    const left = names.filter((name) => !taken.has(name))
    for (const name of left) taken.add(name)
    return { heading, batches: inBatches(left) }
  })
  const mirrored = lists.map((list, i) => ({
    heading: mirrors[i] ?? '',
    batches: namesNotIn(list, taken, lists.slice(0, i)),
  }))
  return [...own, ...mirrored]
}

const compressors = {
  gzip: () => createGzip({ level: 4 }),
  br: () => createBrotliCompress({ params: { [constants.BROTLI_PARAM_QUALITY]: 3 } }),
  zstd: () => createZstdCompress(),
}

async function hasMirrors(tx: ReadTransaction, { index, scope }: Wanted): Promise<boolean> {
  const indexes = await listScope(tx, index, scope)
  return scope === 'all' && indexes.some(({ entry }) => entry.type === 'mirror')
}

async function findNames(tx: ReadTransaction, { index, scope }: Wanted): Promise<Found> {
  const sections: Section[] = []
  const mirrors: IndexName[] = []
  for (const one of await listScope(tx, index, scope)) {
    if (one.entry.type === 'mirror' && scope === 'all') mirrors.push(one.name)
    else {
      const names = await tx.listNames(keys.projects(one.name))
      sections.push({ heading: headingOf(one), names })
    }
  }
  return { sections, mirrors }
}

function headingOf({ name, entry }: NamedIndex): string {
  const isPlain = entry.type === 'mirror' || entry.bases.length === 0
  return isPlain ? name : `${name} (bases: ${entry.bases.join(',')})`
}

function listEtag(found: Found, lists: readonly NameList[], variant: string): string {
  const hash = createHash('sha256').update(variant)
  for (const { heading, names } of found.sections) {
    hash.update(`\0${heading}`)
    for (const name of names) hash.update(`\n${name}`)
  }
  for (const { etag } of lists) hash.update(`\0${etag}`)
  return `"${hash.digest('base64url').slice(0, 27)}"`
}
