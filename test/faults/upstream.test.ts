/** What installers see of a mirror whose upstream fails, in every way it can: soon, and clearly. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { failWith, hangUp, raw } from '../support/broken-answers.ts'
import {
  body,
  breakAfter,
  byPath,
  garbage,
  redirectInCircles,
  redirectTo,
  stall,
  stallAfter,
  notFound,
  startFakeUpstream,
  trickle,
  type Answer,
} from '../support/fake-upstream.ts'
import { askSoon, refresh, startImpatientMirror } from '../support/impatient-mirror.ts'
import type { ImpatientMirror } from '../support/impatient-mirror.ts'
import { listFiles } from '../support/listed-files.ts'
import { json, pageOf } from '../support/mirror.ts'
import { makeUploader } from '../support/uploader.ts'
import { makeWheel } from '../support/wheel.ts'
import { startYard } from '../support/yard.ts'

interface Fault {
  readonly upstream: string
  readonly answer: Answer
  /** What the client is told, besides whose page it is. */
  readonly says: RegExp
}

const JSON_TYPE = 'application/vnd.pypi.simple.v1+json'
const long = Buffer.from(pageOf([], { padding: 'x'.repeat(1000) }))
const cutZip = gzipSync(long).subarray(0, -20)
const failed = 502
const closedEarly = /it closed the connection early/
const tooSlow = /timeout after 0\.3 seconds/

const faults: readonly Fault[] = [
  { upstream: 'says nothing', answer: stall, says: tooSlow },
  { upstream: 'stops within the page', answer: stallAfter(long, 50), says: tooSlow },
  { upstream: 'hangs up', answer: hangUp, says: closedEarly },
  { upstream: 'hangs up within the page', answer: breakAfter(long, 50), says: closedEarly },
  {
    upstream: 'sends more than it announced',
    answer: raw(`Content-Type: ${JSON_TYPE}\r\nContent-Length: 50`, long),
    says: /cannot read/,
  },
  {
    upstream: 'sends less than it announced',
    answer: raw(`Content-Type: ${JSON_TYPE}\r\nContent-Length: 5000`, long),
    says: closedEarly,
  },
  { upstream: 'sends no HTTP', answer: garbage, says: /error getting/ },
  { upstream: 'sends no JSON', answer: json('{"files": [{'), says: /cannot read/ },
  { upstream: 'sends JSON of another kind', answer: json('{"files": 5}'), says: /cannot read/ },
  {
    upstream: 'sends bytes of no kind',
    answer: body('\0\x01\x02 anchor', { type: 'text/plain' }),
    says: /it is neither HTML nor JSON/,
  },
  {
    upstream: 'sends a login page',
    answer: body('<html><body><form action="/login"><input name="user"></form>'),
    says: /it is a page for people/,
  },
  {
    upstream: 'sends half of a compressed page',
    answer: body(cutZip, { type: JSON_TYPE, headers: { 'content-encoding': 'gzip' } }),
    says: /error getting/,
  },
  {
    upstream: 'invents a compression',
    answer: body(long, { type: JSON_TYPE, headers: { 'content-encoding': 'rot13' } }),
    says: /encoded in a way nobody asked for/,
  },
  { upstream: 'redirects in circles', answer: redirectInCircles, says: /redirects in a circle/ },
  {
    upstream: 'redirects to nowhere',
    answer: redirectTo('http://[nowhere'),
    says: /leads to an address that is no URL/,
  },
  {
    upstream: 'redirects to a file of the machine',
    answer: redirectTo('file:///etc/passwd'),
    says: /leads to an address that is no URL/,
  },
  { upstream: 'fails with 500', answer: failWith(500), says: /500 status on GET/ },
  { upstream: 'is busy (503)', answer: failWith(503), says: /503 status on GET/ },
  { upstream: 'wants a password (401)', answer: failWith(401), says: /401 status on GET/ },
]

describe('a mirror', { concurrency: 4 }, () => {
  let mirror: ImpatientMirror
  before(async () => {
    mirror = await startImpatientMirror({
      stages: [{ name: 'ada/dev', bases: ['ada/mirror'] }, 'ada/other'],
    })
  })
  after(() => mirror[Symbol.asyncDispose]())

  for (const [number, { upstream, answer, says }] of faults.entries()) {
    test(`answers 502, or with what it has, when upstream ${upstream}`, async () => {
      const { answers, page, eagerPage } = mirror
      const project = `page${number}`
      const path = `/simple/${project}/`
      answers[path] = json(pageOf([{ filename: `${project}-1.0.tar.gz` }]))
      const before = await listFiles(eagerPage(project))
      assert.equal(before.length, 1)

      answers[path] = answer
      const unknown = await askSoon(page(project))
      const known = await listFiles(eagerPage(project))

      const sentence = await unknown.text()
      assert.equal(unknown.status, failed, sentence)
      assert.match(sentence, says)
      assert.match(sentence, new RegExp(project))
      assert.deepEqual(known, before)

      answers[path] = json(pageOf([]))
      for (const url of [page(project), eagerPage(project)]) {
        await refresh(url)
        const now = await askSoon(url)
        assert.equal(now.status, 200)
        assert.doesNotMatch(await now.text(), /1\.0\.tar\.gz/)
      }
    })
  }

  test('asks again at the next request when upstream failed for what is not known', async () => {
    mirror.answers['/simple/again/'] = failWith(500)
    assert.equal((await askSoon(mirror.page('again'))).status, 502)

    mirror.answers['/simple/again/'] = json(pageOf([{ filename: 'again-1.0.tar.gz' }]))
    assert.equal((await listFiles(mirror.page('again'))).length, 1)
  })

  test('takes a 404 for what it says: the project is gone', async () => {
    mirror.answers['/simple/gone/'] = json(pageOf([{ filename: 'gone-1.0.tar.gz' }]))
    assert.equal((await listFiles(mirror.eagerPage('gone'))).length, 1)

    delete mirror.answers['/simple/gone/']
    const answer = await askSoon(mirror.eagerPage('gone'))
    assert.equal(answer.status, 404)
  })

  test('lets what is uploaded be installed while upstream says nothing', async () => {
    const { yard, answers } = mirror
    using uploader = makeUploader()
    answers['/simple/anchor/'] = stall
    const upload = await uploader.upload(yard.url('ada/dev/'), makeWheel('anchor', '1.0'))
    assert.equal(upload.status, 200, upload.text)

    const page = await askSoon(yard.url('ada/dev/+simple/anchor/'))
    assert.equal(page.status, 200)
    assert.match(await page.text(), /anchor-1\.0-py3-none-any\.whl/)
  })
})

test('a page that comes byte by byte is waited for no longer than a silent one, and nobody else waits', async () => {
  await using mirror = await startImpatientMirror()
  const { answers, page, eagerPage } = mirror
  answers['/simple/anchor/'] = json(pageOf([{ filename: 'anchor-1.0.tar.gz' }]))
  answers['/simple/sound/'] = json(pageOf([{ filename: 'sound-1.0.tar.gz' }]))
  const known = await listFiles(eagerPage('anchor'))

  answers['/simple/anchor/'] = trickle
  const [unknown, still, other] = await Promise.all([
    askSoon(page('anchor')),
    listFiles(eagerPage('anchor')),
    listFiles(page('sound')),
  ])

  assert.equal(unknown.status, 502)
  assert.match(await unknown.text(), /timeout after 0\.3 seconds/)
  assert.deepEqual(still, known)
  assert.equal(other.length, 1)
})

test('a public upstream redirects and links to nowhere inside, unless its mirror names the host', async () => {
  const answers: Record<string, Answer> = {}
  // What it is asked for comes as a whole address: it answers for hosts that are not here.
  await using proxy = await startFakeUpstream((request, response) => {
    const { host, pathname } = new URL(request.url ?? '')
    return (answers[host + pathname] ?? notFound)(request, response)
  })
  const mirror = {
    type: 'mirror',
    mirror_url: 'http://203.0.113.7/simple/',
    mirror_proxy: proxy.url(),
    mirror_no_project_list: true,
    mirror_make_metadata: false,
  }
  await using yard = await startYard({
    stages: [
      { ...mirror, name: 'ada/mirror' },
      { ...mirror, name: 'ada/naming', mirror_private_hosts: ['10.1.2.3:8080'] },
    ],
  })
  const wheel = makeWheel('anchor', '1.0')
  answers['10.1.2.3:8080/w.whl'] = body(wheel.bytes)
  answers['203.0.113.7/simple/anchor/'] = json(
    pageOf([{ filename: wheel.filename, url: 'http://10.1.2.3:8080/w.whl' }]),
  )
  const inside = ['127.0.0.1', '169.254.169.254', '[::1]', '[64:ff9b::7f00:1]', '2130706433']
  for (const [at, host] of inside.entries()) {
    answers[`203.0.113.7/simple/p${at}/`] = redirectTo(`http://${host}/secret/`)
  }

  for (const at of inside.keys()) {
    const page = await askSoon(yard.url(`ada/mirror/+simple/p${at}/`))
    assert.equal(page.status, 502)
    assert.match(await page.text(), /it is at an address that nothing is sent to/)
  }
  // What one mirror is refused says nothing of a host that another one may ask.
  for (const [index, status] of [
    ...Array.from({ length: 6 }, () => ['ada/mirror', 502] as const),
    ['ada/naming', 200],
  ] as const) {
    const [file] = await listFiles(yard.url(`${index}/+simple/anchor/`))
    assert.equal((await askSoon(file!.url)).status, status)
  }
  assert.ok(proxy.requests.every(({ path }) => !path.includes('secret')))
})

test('a mirror whose upstream is down shows what it knows, and the rest once upstream is back', async () => {
  await using mirror = await startImpatientMirror()
  const { yard, upstream, answers, page, eagerPage } = mirror
  answers['/simple/'] = json(JSON.stringify({ meta: {}, projects: [{ name: 'anchor' }] }))
  answers['/simple/anchor/'] = json(pageOf([{ filename: 'anchor-1.0.tar.gz' }]))
  const known = await listFiles(eagerPage('anchor'))
  const { port } = new URL(upstream.url())

  await upstream.close()
  const unknown = await askSoon(page('anchor'))
  const names = await askSoon(yard.url('ada/eager/+simple/'))

  assert.equal(unknown.status, 502)
  assert.match(
    await unknown.text(),
    /error getting http:\/\/127\.0\.0\.1:\d+\/simple\/anchor\/: connection refused/,
  )
  assert.deepEqual(await listFiles(eagerPage('anchor')), known)
  assert.equal(names.status, 200)
  assert.match(await names.text(), /anchor/)

  await using back = await startFakeUpstream(byPath(answers), Number(port))
  assert.equal((await listFiles(page('anchor'))).length, 1)
  assert.ok(back.requests.length > 0)
})

for (const [does, answer] of Object.entries({
  'says nothing': stall,
  'fails with 500': failWith(500),
})) {
  test(`a list of names is what is known here when upstream ${does}`, async () => {
    await using mirror = await startImpatientMirror()
    const { yard, answers, page } = mirror
    answers['/simple/anchor/'] = json(pageOf([{ filename: 'anchor-1.0.tar.gz' }]))
    await listFiles(page('anchor'))

    answers['/simple/'] = answer
    const names = await askSoon(yard.url('ada/mirror/+simple/'))

    assert.equal(names.status, 200)
    assert.match(await names.text(), /anchor/)
  })
}
