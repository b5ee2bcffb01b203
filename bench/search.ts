/** Searches over as many names as PyPI has and some thousand documented releases, and what their index costs others. */
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { setTimeout as wait } from 'node:timers/promises'
import { openStore } from '../src/app-store.ts'
import { keys } from '../src/registry/keys.ts'
import { completeMetadata } from '../src/registry/releases.ts'
import { chunked, startFakeUpstream } from '../test/support/fake-upstream.ts'
import { makeDocs } from '../test/support/docs.ts'
import type { Yard } from '../test/support/yard.ts'
import { Connection } from './support/answers.ts'
import { basicAuth, makeMirror, startWheelyard } from './support/contenders.ts'
import { pinServer } from './support/cores.ts'
import { median, type Figure } from './support/figure.ts'
import { listChildren, processorTime } from './support/memory.ts'
import { makeUploads, sendUploads } from './support/uploads.ts'
import { Vocabulary } from './support/vocabulary.ts'
import { assertWrk, wrk } from './support/wrk.ts'

const NAMES = 700_000
const RELEASES = 5000
const PAGES = 4
const QUERIES = 300
const ROUNDS = 6
const SECONDS = 2
const PAGE = 'ada/own/+simple/anchor/'
const json = { accept: 'application/json' }

export async function measure(say: (line: string) => void): Promise<Figure[]> {
  assertWrk()
  const names = new Vocabulary(1).names(NAMES).toSorted()
  await using upstream = await startFakeUpstream(chunked(namesPage(names)))
  await using yard = await startWheelyard(['ada/own'])
  using connection = new Connection()
  say(`${RELEASES} documented releases …`)
  await yard.kill('SIGTERM')
  await fill(yard)
  await yard.restart()
  pinServer(yard.pid)
  const documented = await timeUntil(yard, 'name:last-of-all')
  say(`they are searchable after ${(documented / 1000).toFixed(1)} s`)

  say(`${NAMES} names of a mirror …`)
  await makeMirror(yard, 'ada/mirror', upstream.url('/simple/'))
  const begin = performance.now()
  await connection.get(yard.url('ada/mirror/+simple/'), { accept: 'text/html' })
  await timeUntil(yard, `name:${names.at(-1)}`)
  const seconds = (performance.now() - begin) / 1000

  await untilAtRest(yard)
  say(`${QUERIES} queries …`)
  const queries = await timeQueries(yard, names)
  const suggestions = await timeSuggestions(yard, names)
  say('a page while the index is built …')
  return [
    percentile('query', 'a search, 95 of 100 are quicker', queries),
    percentile('suggest', 'suggestions, 95 of 100 are quicker', suggestions),
    {
      name: 'search.names',
      what: `from the first sight of a list of ${NAMES} names until all are searchable`,
      unit: 's',
      ours: seconds,
    },
    await timePages(yard, names.at(-1) ?? ''),
  ]
}

function* namesPage(names: readonly string[]): Iterable<string> {
  yield '<!DOCTYPE html><html><body>\n'
  for (let at = 0; at < names.length; at += 1000) {
    yield names
      .slice(at, at + 1000)
      .map((name) => `<a href="/simple/${name}/">${name}</a>\n`)
      .join('')
  }
  yield '</body></html>\n'
}

/** Straight into the store: uploads are measured elsewhere. */
async function fill({ folder }: Yard): Promise<void> {
  const words = new Vocabulary(2)
  const projects = [...words.names(RELEASES - 1), 'last-of-all']
  const store = await openStore({ dir: folder })
  const index = 'ada/own'
  for (let at = 0; at < projects.length; at += 250) {
    const made: Awaited<ReturnType<typeof makeRelease>>[] = []
    for (const project of projects.slice(at, at + 250)) made.push(await makeRelease(project))
    await store.ledger.write('bench', async (tx) => {
      for (const { project, docs, metadata } of made) {
        tx.set(keys.project(index, project), { name: project })
        tx.set(keys.version(index, project, '1.0'), metadata)
        tx.set(keys.docs(index, project, '1.0'), docs)
      }
    })
  }
  await store.close()

  async function makeRelease(project: string) {
    const pages = Array.from({ length: PAGES }, (_, at) => [
      `page-${at}.html`,
      `<html><title>${words.text(4)}</title><body>${words.text(200)}</body></html>`,
    ])
    const { bytes, sha256: digest } = makeDocs(Object.fromEntries(pages))
    await using staged = await store.blobs.stage(Readable.from([bytes]))
    await staged.keep()
    const description = words.text(300)
    const metadata = { name: project, summary: words.text(8), keywords: words.text(4), description }
    const docs = { digest, size: bytes.length, addedAt: 0, log: [] }
    return { project, docs, metadata: completeMetadata(metadata) }
  }
}

async function search(yard: Yard, query: string): Promise<{ info: { found: number } }> {
  const url = yard.url(`+search?query=${encodeURIComponent(query)}`)
  const { result } = (await (await fetch(url, { headers: json })).json()) as {
    result: { info: { found: number } }
  }
  return result
}

/** Milliseconds until a query finds something. */
async function timeUntil(yard: Yard, query: string): Promise<number> {
  const begin = performance.now()
  while ((await search(yard, query)).info.found === 0) await wait(100)
  return performance.now() - begin
}

/** Until the process that writes the index has no more to do: it tidies up after so many names. */
async function untilAtRest(yard: Yard): Promise<void> {
  const [child = yard.pid] = await listChildren(yard.pid)
  let spent = await processorTime(child)
  let before: number
  do {
    before = spent
    await wait(1000)
    spent = await processorTime(child)
  } while (spent - before > 10)
}

/** What people type: names, parts of them, words of texts, two words, frequent ones, and what is not there. */
async function timeQueries(yard: Yard, names: readonly string[]): Promise<number[]> {
  const words = new Vocabulary(3)
  const name = (): string => names[words.number(names.length)] ?? ''
  const kinds: readonly (() => string)[] = [
    name,
    () => name().slice(0, 4 + words.number(4)),
    () => words.word(),
    () => `${words.word()} ${words.word()}`,
    () => `${words.word()} type:page`,
    () => `${words.word()} path:/ada/own`,
    () => `name:${name().slice(0, 5)}*`,
    () => `${words.word()} OR ${words.word()} NOT ${words.word()}`,
    () => 'test',
    () => name().split('').toReversed().join(''),
  ]
  const queries = Array.from({ length: QUERIES }, (_, at) => (kinds[at % kinds.length] ?? name)())
  return timeAll(yard, '+search?query=', queries)
}

function timeSuggestions(yard: Yard, names: readonly string[]): Promise<number[]> {
  const words = new Vocabulary(4)
  const typed = Array.from({ length: 100 }, () => {
    const name = names[words.number(names.length)] ?? ''
    return name.slice(0, 2 + words.number(6))
  })
  return timeAll(yard, '+search/suggest?q=', typed)
}

async function timeAll(yard: Yard, path: string, texts: readonly string[]): Promise<number[]> {
  using connection = new Connection()
  const times: number[] = []
  for (const text of ['warm', ...texts]) {
    times.push(await connection.time(yard.url(path + encodeURIComponent(text)), json))
  }
  return times.slice(1)
}

function percentile(name: string, what: string, times: readonly number[]): Figure {
  const sorted = times.toSorted((a, b) => a - b)
  const ours = sorted[Math.floor(sorted.length * 0.95)] ?? Number.NaN
  return { name: `search.${name}`, what, unit: 'ms', ours, rounds: { ours: times } }
}

/** The index is taken away and built again; meanwhile its process is halted in every other round. */
async function timePages(yard: Yard, lastName: string): Promise<Figure> {
  const authorization = await basicAuth(yard, 'ada', 'token')
  const target = { url: yard.url('ada/own/'), authorization, connections: 1 }
  await sendUploads({ ...target, uploads: makeUploads('anchor', 0, 50) })
  await timeUntil(yard, 'name:anchor')
  const headers = { accept: 'application/vnd.pypi.simple.v1+json' }
  const load = { pid: yard.pid, url: yard.url(PAGE), headers, connections: 16, seconds: SECONDS }
  const rate = async (): Promise<number> => (await wrk(load)).perSecond

  const file = join(yard.folder, 'local', 'search.sqlite')
  for (const suffix of ['', '-wal', '-shm']) await rm(file + suffix, { force: true })
  await sendUploads({ ...target, uploads: makeUploads('anchor', 50, 1) })
  await rate()
  const children = await listChildren(yard.pid)
  const signal = (name: NodeJS.Signals): void => children.forEach((pid) => process.kill(pid, name))
  const alone: number[] = []
  const during: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    signal('SIGSTOP')
    alone.push(await rate())
    signal('SIGCONT')
    during.push(await rate())
  }
  const { info } = await search(yard, `name:${lastName}`)
  if (info.found > 0 || children.length === 0)
    throw new Error('the index was built before the page was measured')
  const peer = { name: 'while nothing is indexed', value: median(alone) }
  const ours = median(during)
  return {
    ...{
      name: 'search.page',
      what: 'a warm page while the index is built',
      unit: '/s',
      ours,
      peer,
    },
    ratio: ours / peer.value,
    rounds: { ours: during, peer: alone },
  }
}
