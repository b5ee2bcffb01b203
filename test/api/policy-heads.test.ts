/** Policies that look at times and sizes ask for those that an upstream's pages leave out, and cost it little. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Config } from '#config'
import { startApi, type Api } from '../support/api.ts'
import { body, byPath, startFakeUpstream, type Answer } from '../support/fake-upstream.ts'
import { BEGINNING, DAY_MS, SIMPLE_JSON } from '../support/policies.ts'
import { makeSdist, makeWheel } from '../support/wheel.ts'

const MIRROR = 'ada/mirror'
const STAGE = 'ada/dev'
const old = makeWheel('anchor', '1.0')
const source = makeSdist('anchor', '1.0')
const young = makeSdist('anchor', '2.0')
const files = [old, source, young]

const modified = (at: number) => ({
  type: 'application/octet-stream',
  headers: { 'last-modified': new Date(at).toUTCString() },
})
const honest: Readonly<Record<string, Answer>> = {
  [`/f/${old.filename}`]: body(old.bytes, modified(BEGINNING - 90 * DAY_MS)),
  [`/f/${source.filename}`]: body(source.bytes, modified(BEGINNING - 90 * DAY_MS)),
  [`/f/${young.filename}`]: body(young.bytes, modified(BEGINNING - 2 * DAY_MS)),
}

async function startWorld(
  options: Readonly<Record<string, unknown>>,
  { answers = {}, config = {}, mirror = {} }: World = {},
) {
  const links = files.map(({ filename }) => `<a href="/f/${filename}">${filename}</a>`)
  const upstream = await startFakeUpstream(
    byPath({ '/simple/anchor/': body(links.join('\n')), ...honest, ...answers }),
  )
  const clock = { now: () => BEGINNING }
  const api = await startApi({ config: { noMakeAhead: true, ...config }, clock })
  const entry = { type: 'mirror', mirror_url: upstream.url('/simple/'), ...mirror }
  await api.makeIndex(MIRROR, entry)
  await api.makeIndex(STAGE, { bases: [MIRROR], ...options })
  const heads = () => upstream.requests.filter(({ method }) => method === 'HEAD').length
  return {
    api,
    upstream,
    heads,
    async [Symbol.asyncDispose]() {
      await api[Symbol.asyncDispose]()
      await upstream.close()
    },
  }
}

interface World {
  readonly answers?: Readonly<Record<string, Answer>>
  readonly config?: Partial<Config>
  readonly mirror?: Readonly<Record<string, unknown>>
}

async function shown(api: Api, index = STAGE): Promise<string[]> {
  const reply = await api.get(`/${index}/+simple/anchor/`, { accept: SIMPLE_JSON })
  assert.equal(reply.status, 200, reply.text)
  return reply.json.files.map(({ filename }: { filename: string }) => filename).sort()
}

const names = (...some: readonly { readonly filename: string }[]): string[] =>
  some.map(({ filename }) => filename).sort()

test('a cool-down asks once for the times that upstream’s page leaves out', async () => {
  await using world = await startWorld({ cooldown: '7d' })

  assert.deepEqual(await shown(world.api), names(old, source))
  assert.equal(world.heads(), 3)
  const refreshed = await world.api.post(`/${STAGE}/+simple/anchor/refresh`)
  assert.ok(refreshed.status < 400, refreshed.text)
  assert.deepEqual(await shown(world.api), names(old, source))
  assert.equal(world.heads(), 3)
})

test('so do a date and a limit of size; a limit takes what it needs and no more', async () => {
  await using dated = await startWorld({
    uploaded_before: new Date(BEGINNING - 10 * DAY_MS).toISOString(),
  })
  assert.deepEqual(await shown(dated.api), names(old, source))

  const largest = Math.min(...files.map(({ bytes }) => bytes.length))
  await using sized = await startWorld({ max_file_size: `${largest}B` })
  const small = files.filter(({ bytes }) => bytes.length <= largest)
  assert.deepEqual(await shown(sized.api), names(...small))
  const { result } = await sized.api.get(`/${STAGE}/+explain/anchor`)
  for (const { size, upload_time: time } of result.files) {
    assert.ok(size > 0)
    assert.equal(time, undefined)
  }
})

test('an index whose policies look at neither asks for nothing', async () => {
  await using world = await startWorld({ deny: ['anchor>=2'], deny_types: ['egg'] })
  assert.deepEqual(await shown(world.api), names(old, source))
  assert.equal(world.heads(), 0)
})

test('what upstream does not tell, or tells of a page, stays unknown and is not asked for again', async () => {
  const login = body('<form>')
  const refused = body('', { status: 405 })
  const answers = {
    [`/f/${old.filename}`]: login,
    [`/f/${source.filename}`]: refused,
    [`/f/${young.filename}`]: body(young.bytes, { type: 'application/gzip' }),
  }
  const options = { cooldown: '7d', max_file_size: '1GB' }
  await using world = await startWorld(options, { answers })

  assert.deepEqual(await shown(world.api), [])
  await world.api.post(`/${STAGE}/+simple/anchor/refresh`)
  assert.deepEqual(await shown(world.api), [])
  assert.equal(world.heads(), 3)
})

test('where upstream breaks off, the page is answered all the same', async () => {
  const breaks: Answer = (_, response) => void response.destroy()
  const answers = Object.fromEntries(files.map(({ filename }) => [`/f/${filename}`, breaks]))
  await using world = await startWorld({ cooldown: '7d' }, { answers })

  assert.deepEqual(await shown(world.api), [])
  assert.deepEqual(await shown(world.api, MIRROR), names(...files))
})

test('a mirror that makes nothing asks for nothing', async () => {
  await using world = await startWorld(
    { cooldown: '7d' },
    { mirror: { mirror_make_metadata: false } },
  )
  assert.deepEqual(await shown(world.api), [])
  assert.equal(world.heads(), 0)
})

test('JSON and pushes go by the same times, also where nobody has seen the page', async () => {
  await using world = await startWorld({})
  await world.api.patch(`/${MIRROR}`, { as: 'ada', json: { cooldown: '7d' } })
  const { result } = await world.api.get(`/${MIRROR}/anchor`)
  assert.deepEqual(Object.keys(result), ['1.0'])

  await using other = await startWorld({}, { mirror: { cooldown: '7d' } })
  await other.api.makeIndex('ada/target', {})
  const push = (version: string) =>
    other.api.ask('PUSH', `/${MIRROR}`, {
      as: 'ada',
      json: { name: 'anchor', version, targetindex: 'ada/target' },
    })
  assert.equal((await push('1.0')).status, 200)
  assert.notEqual((await push('2.0')).status, 200)
  assert.deepEqual(await shown(other.api, 'ada/target'), names(old, source))
})
