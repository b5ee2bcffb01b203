/** Upstreams that mean harm: each page has a stated answer, one line in the log, and costs little. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import {
  body,
  byPath,
  startFakeUpstream,
  type Answer,
  type FakeUpstream,
} from '../support/fake-upstream.ts'
import { askSoon } from '../support/impatient-mirror.ts'
import { listFiles } from '../support/listed-files.ts'
import { json, pageOf } from '../support/mirror.ts'
import { forgetPeak, peakMemory } from '../support/process-memory.ts'
import { startYard, type Yard } from '../support/yard.ts'

const MIB = 1024 * 1024
const zipped = { headers: { 'content-encoding': 'gzip' } }
const html = (text: string, type = 'text/html'): Answer =>
  body(gzipSync(text, { level: 1 }), { type, ...zipped })
const zippedJson = (text: string): Answer => json(gzipSync(text, { level: 1 }) as never, zipped)
const times = (text: string, size: number): string => text.repeat(Math.ceil(size / text.length))
const link = '<a href="/f/anchor-1.0.tar.gz">anchor-1.0.tar.gz</a>'

/** Pages that cannot be read, with what is said of them. */
const refused: Readonly<Record<string, readonly [answer: Answer, says: RegExp]>> = {
  'megabytes of text': [html(times('x', 8 * MIB)), /neither HTML nor JSON/],
  'far too many links': [html(times(link, 8 * MIB)), /more than 40000 links/],
  'elements that are nested very deeply': [html(times('<b>', 8 * MIB)), /nested too deeply/],
  'an attribute that never ends': [html(`<a href="${times('x', 8 * MIB)}`), /longer than 1 MiB/],
  'a tag that never ends': [html(`<${times('a', 8 * MIB)}`), /longer than 1 MiB/],
  'a comment that never ends': [html(`<!--${times('-', 8 * MIB)}`), /longer than 1 MiB/],
  'a tag with a million attributes': [html(`<a ${times('x=y ', 4 * MIB)}>`), /1000 attributes/],
  'nothing but line breaks': [html(times('<br>', 40 * MIB)), /more than 5000000 elements/],
  'more bytes than a page may have': [html(times('<br>', 49 * MIB)), /is larger than \d+ bytes/],
  'text in another charset than it says': [
    html(`<html>${link}`, 'text/html; charset=utf-16le'),
    /neither HTML nor JSON/,
  ],
  'UTF-16 that does not say so': [
    body(Buffer.from(`<html>${link}`, 'utf16le')),
    /neither HTML nor JSON/,
  ],
  'a login page with status 200': [
    html('<html><form action="/login"><input name="user"></form></html>'),
    /a page for people, such as a login/,
  ],
  'lists in lists in lists': [zippedJson(`{"files":${times('[', 8 * MIB)}`), /nested too deeply/],
  'objects in objects': [zippedJson(`{"x":${times('{"a":', 8 * MIB)}`), /nested too deeply/],
  'a string that never ends': [zippedJson(`{"files":["${times('x', 8 * MIB)}`), /is not JSON/],
  'a million of keys': [zippedJson(`{${times('"a":1,', 8 * MIB)}`), /too many keys/],
  'millions of files': [
    zippedJson(`{"files":[${times('1,', 8 * MIB)}1]}`),
    /more than 40000 files/,
  ],
  'nothing but space': [zippedJson(times(' ', 8 * MIB)), /is not JSON/],
}

const file = { filename: 'anchor-1.0.tar.gz' }
const other = { filename: 'anchor-2.0.tar.gz' }
const more = (text: string): string => pageOf([file]).replace(/\}$/, `,${text}}`)

/** Pages that are odd and have something to tell all the same. */
const read: Readonly<Record<string, readonly [answer: Answer, files: readonly string[]]>> = {
  'a line of megabytes': [html(`<html>${times('<i>x</i> ', 8 * MIB)}${link}`), ['1.0']],
  'links to nothing without an end': [
    html(`<a href="/f/anchor-1.0.tar.gz">${times('y', 8 * MIB)}`),
    ['1.0'],
  ],
  'UTF-16 that says so by its first bytes': [
    body(Buffer.from(`\ufeff<html>${link}`, 'utf16le')),
    ['1.0'],
  ],
  'a byte order mark': [json(`\ufeff${pageOf([file])}`), ['1.0']],
  'bytes that are no UTF-8': [
    body(Buffer.concat([Buffer.from([0x3c, 0x68, 0x3e, 0xff, 0xfe, 0xc0]), Buffer.from(link)])),
    ['1.0'],
  ],
  NULs: [json(pageOf([{ filename: 'anchor-3.0\0.tar.gz' }, { ...file, yanked: 'a\0b' }])), ['1.0']],
  'a number of a million digits': [
    zippedJson(pageOf([file]).replace(/\}\]/, `,"size":${times('9', MIB)}}]`)),
    [],
  ],
  'a size beyond all numbers': [json(pageOf([file]).replace(/\}\]/, ',"size":1e999}]')), ['1.0']],
  'a string of megabytes': [zippedJson(more(`"x":"${times('x', 8 * MIB)}"`)), ['1.0']],
  'a file name of megabytes': [
    zippedJson(pageOf([{ filename: times('x', 8 * MIB) }, other])),
    ['2.0'],
  ],
  'keys twice, of which the last counts': [
    json(more(`"files":[{"filename":"anchor-2.0.tar.gz","url":"/f","hashes":{}}]`)),
    ['2.0'],
  ],
  'keys that programs stumble over': [
    json(more('"__proto__":{"files":[]},"constructor":1')),
    ['1.0'],
  ],
  'files of another project': [
    json(pageOf([{ filename: 'other-1.0.tar.gz' }], { name: 'other' })),
    [],
  ],
}

/** Lists of names that are none, each of a mirror of its own. */
const lists: readonly (readonly [what: string, answer: Answer, says: RegExp])[] = [
  ['elements that are nested very deeply', html(times('<b>', 8 * MIB)), /nested too deeply/],
  ['an attribute that never ends', html(`<a href="${times('x', 8 * MIB)}`), /longer than 1 MiB/],
  ['a login page', html('<form><input type="password"></form><a href="/">Help</a>'), /for people/],
  ['a page of scripts', html('<html><script src="/app.js"></script>'), /for people/],
  ['lists in lists', zippedJson(`{"projects":${times('[', 8 * MIB)}`), /nested too deep/],
  ['half a list', json('{"projects":[{"name":"anchor"}'), /ends early/],
  ['text', body('no names', { type: 'application/pdf' }), /of type application\/pdf/],
]

/** The most that the server takes through all of this. */
const MOST_MEMORY = 700 * MIB

describe('a mirror', () => {
  let yard: Yard
  let hostile: FakeUpstream
  const answers: Record<string, Answer> = {}
  const started = new AsyncDisposableStack()

  before(async () => {
    hostile = started.use(await startFakeUpstream((...asked) => byPath(answers)(...asked)))
    const sound = started.use(await startFakeUpstream(json(pageOf([file]))))
    const asking = { type: 'mirror', mirror_cache_expiry: 0 }
    const mirror = { ...asking, mirror_no_project_list: true }
    yard = await startYard({
      args: ['--request-timeout', '60s'],
      stages: [
        { ...mirror, name: 'ada/hostile', mirror_url: hostile.url('simple/') },
        { ...mirror, name: 'ada/known', mirror_url: hostile.url('simple/') },
        {
          ...mirror,
          name: 'ada/folder',
          mirror_url: hostile.url('folder/'),
          mirror_layout: 'listing',
        },
        { ...mirror, name: 'ada/sound', mirror_url: sound.url('simple/') },
        ...lists.map((_, at) => ({
          ...asking,
          name: `ada/names${at}`,
          mirror_url: hostile.url(`names${at}/`),
        })),
      ],
    })
    started.use(yard)
    await listFiles(yard.url('ada/sound/+simple/anchor/'))
    await forgetPeak(yard.pid)
  })
  after(() => started[Symbol.asyncDispose]())

  const page = (index: string, project = 'anchor'): string =>
    yard.url(`ada/${index}/+simple/${project}/`)

  /** Complaints in the log that have the word, once there is one. */
  async function complaints(word: string): Promise<string[]> {
    const line = new RegExp(`"level":"(?:warn|error)".*${word}`)
    await yard.logged(line)
    return yard.log.split('\n').filter((one) => line.test(one))
  }

  for (const [at, [what, [answer, says]]] of Object.entries(refused).entries()) {
    test(`refuses ${what}, and serves what it knows and what others have`, async () => {
      const project = `anchor${at}`
      const path = `/simple/${project}/`
      answers[path] = json(pageOf([{ filename: `${project}-1.0.tar.gz` }]))
      assert.equal((await listFiles(page('known', project))).length, 1)
      answers[path] = answer

      const [unknown, sound] = await Promise.all([
        askSoon(page('hostile', project)),
        listFiles(page('sound')),
      ])
      const sentence = await unknown.text()
      assert.equal(unknown.status, 502, sentence)
      assert.match(sentence, says)
      assert.equal(sound.length, 1)
      assert.equal((await complaints(`/simple/${project}/`)).length, 1)

      assert.equal((await listFiles(page('known', project))).length, 1)
      assert.equal((await complaints(`"index":"ada/known","project":"${project}"`)).length, 1)
    })
  }

  for (const [what, [answer, files]] of Object.entries(read)) {
    test(`reads a page of ${what}`, async () => {
      answers['/simple/anchor/'] = answer

      const found = await listFiles(page('hostile'))

      assert.deepEqual(
        found.map(({ filename }) => filename),
        files.map((version) => `anchor-${version}.tar.gz`),
      )
    })
  }

  test('leaves files of other projects and credentials out of a page, and says so in one line', async () => {
    const files = [
      { filename: 'odd-1.0.tar.gz', url: 'http://user:hunter2@127.0.0.1:9/odd-1.0.tar.gz' },
      { filename: 'other-1.0-py3-none-any.whl' },
    ]
    answers['/simple/odd/'] = json(pageOf(files, { name: 'odd' }))

    for (const _ of ['once', 'again']) {
      const [only, ...others] = await listFiles(page('hostile', 'odd'))
      assert.equal(only?.filename, 'odd-1.0.tar.gz')
      assert.deepEqual(others, [])
    }

    const [line = '', ...more] = await complaints('"project":"odd"')
    assert.match(line, /"others":\{"count":1,"filenames":\["other-1\.0-py3-none-any\.whl"\]\}/)
    assert.match(line, /"with_credentials":\{"count":1,"filenames":\["odd-1\.0\.tar\.gz"\]\}/)
    assert.deepEqual(more, [])
    assert.doesNotMatch(yard.log, /hunter2/)
  })

  for (const [at, [what, answer, says]] of lists.entries()) {
    test(`takes ${what} for no list of names, and tells those it knows`, async () => {
      answers[`/names${at}/anchor/`] = json(pageOf([file]))
      answers[`/names${at}/`] = answer

      assert.equal((await listFiles(page(`names${at}`))).length, 1)
      const names = await askSoon(yard.url(`ada/names${at}/+simple/`))

      assert.equal(names.status, 200)
      assert.match(await names.text(), /anchor/)
      const told = await complaints(`ada/names${at}`)
      assert.match(told[0] ?? '', says)
      assert.equal(told.length, hostile.requestsTo(`/names${at}/`).length)
    })
  }

  for (const [what, answer] of Object.entries({
    'a login page': html('<form><input name="pw" type="password"></form><a href="help/">Help</a>'),
    'a page of scripts': html('<html><script src="/app.js"></script>'),
    text: body('no list', { type: 'text/html' }),
  })) {
    test(`takes ${what} for no folder, and keeps what it knows`, async () => {
      answers['/folder/'] = html(link)
      assert.equal((await listFiles(page('folder'))).length, 1)
      answers['/folder/'] = answer

      assert.equal((await listFiles(page('folder'))).length, 1)
      assert.equal((await askSoon(page('folder', 'unknown'))).status, 502)
    })
  }

  test('takes no more memory for all that than it has reason to', async () => {
    assert.ok((await peakMemory(yard.pid)) < MOST_MEMORY, `${await peakMemory(yard.pid)}`)
  })
})
