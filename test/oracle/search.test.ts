/** The same queries to devpi-web: what it shows on its first page is among our first ten. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { startApi, type Api, type Json } from '../support/api.ts'
import { devpiAuth, logIn, makeStages, PASSWORD } from '../support/devpi-api.ts'
import { docsParts } from '../support/docs.ts'
import { fieldParts, makeForm, plainFields, type Part } from '../support/upload.ts'
import { startDevpiServer, type IndexServer } from '../support/upstream.ts'
import { documented, searchQueries, type Documented } from './searched.ts'

/** `PATH TYPE`, or `PATH title PAGE`. */
type Hits = ReadonlySet<string>

let api: Api
let devpi: IndexServer

before(async () => {
  ;[api, devpi] = await Promise.all([startApi(), startDevpiServer()])
  for (const server of [api.app.url, devpi.url()]) await fill(server)
  await api.app.search.caughtUp()
  await untilIndexed()
})

after(async () => {
  await api[Symbol.asyncDispose]()
  await devpi[Symbol.asyncDispose]()
})

for (const query of searchQueries) {
  test(`search: ${query}`, async () => {
    const theirs = await askDevpi(query)
    const ours = await askUs(query)

    const missing = [...theirs].filter((hit) => !ours.has(hit))
    assert.deepEqual(missing, [], `of ${theirs.size} hits; we have ${[...ours].join(', ')}`)
  })
}

test('the queries find something with devpi-web', async () => {
  const found = await Promise.all(searchQueries.map(async (query) => (await askDevpi(query)).size))

  assert.ok(found.filter((size) => size > 0).length > searchQueries.length * 0.8, found.join(' '))
})

async function fill(server: string): Promise<void> {
  await makeStages(server, ['ada/dev', 'ada/other', 'bob/dev'])
  const secrets = new Map<string, string>()
  for (const user of ['ada', 'bob']) secrets.set(user, await logIn(server, user, PASSWORD))
  for (const { index, fields, docs } of documented) {
    const user = index.split('/')[0] ?? ''
    const headers = devpiAuth({ user, secret: secrets.get(user) ?? '' })
    const send = async (parts: readonly Part[]): Promise<void> => {
      const { type, body } = makeForm(parts)
      const reply = await fetch(new URL(`/${index}/`, server), {
        method: 'POST',
        headers: { ...headers, 'content-type': type },
        body: new Uint8Array(body),
      })
      assert.equal(reply.status, 200, await reply.text())
    }
    await send(fieldParts(plainFields({ ':action': 'submit', version: '1.0', ...fields })))
    if (docs) await send(docsParts(docs, { name: fields.name }))
  }
}

/** The indexer of devpi-web tells nobody when it is done. */
async function untilIndexed(): Promise<void> {
  const last = documented.findLast(({ docs }) => docs) as Documented
  for (;;) {
    const hits = await askDevpi(`type:page path:/${last.index}/${last.fields.name.toLowerCase()}`)
    const status = await fetch(devpi.url('+status'), { headers: { accept: 'application/json' } })
    const { result } = (await status.json()) as Json
    const waiting = Object.fromEntries(
      result.metrics.map(([name, , value]: [string, string, number]) => [name, value]),
    )['devpi_web_whoosh_index_queue_size']
    if (hits.size > 0 && waiting === 0 && result['event-serial'] === result.serial) return
    await wait(200)
  }
}

async function askDevpi(query: string): Promise<Hits> {
  const url = devpi.url(`+search?query=${encodeURIComponent(query)}`)
  const page = await (await fetch(url, { headers: { accept: 'text/html' } })).text()
  const hits = new Set<string>()
  for (const item of page.split('<dt class="packagename">').slice(1)) {
    const path = /<span>([^<]+)<\/span>/.exec(item)?.[1] ?? ''
    hits.add(path)
    const list = item.slice(item.indexOf('</div>'))
    for (const [, href = ''] of list.matchAll(/<dt>\s*<a href="([^"]*)"/g)) {
      hits.add(`${path} ${nameOf(href)}`)
    }
  }
  return hits
}

/** The projects of the first page, and all that is found of them. */
async function askUs(query: string): Promise<Hits> {
  const hits = new Set<string>()
  const { result } = (await api.get(`/+search?query=${encodeURIComponent(query)}`)).json
  for (const item of result.items) {
    const { path } = item.data
    hits.add(path)
    const rest = item.more_url === null ? [item] : await allOf(item.more_url)
    for (const hit of rest.flatMap(({ sub_hits: hits_ }: Json) => hits_)) {
      hits.add(`${path} ${nameOf(hit.url)}`)
    }
  }
  return hits
}

async function allOf(url: string): Promise<Json[]> {
  const { pathname, search } = new URL(url)
  const { result } = (await api.get(pathname + search)).json
  const pages = Array.from({ length: result.info.pagecount - 1 }, (_, at) => at + 2)
  const rest = await Promise.all(pages.map((page) => api.get(`${pathname}${search}&page=${page}`)))
  return [result, ...rest.map(({ json }) => json.result)].flatMap(({ items }) => items)
}

/** What an address leads to: an anchor of the release's page, or a page. */
const nameOf = (href: string): string => /#(.*)$/.exec(href)?.[1] ?? href.split('/+d/')[1] ?? href
