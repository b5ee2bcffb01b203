/** Requests that no honest client sends, written byte by byte. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { ada } from '../support/client.ts'
import { exchange, openSocket } from '../support/raw-socket.ts'
import { readAll } from '../support/serve-routes.ts'
import { fieldParts, filePart, makeForm, plainFields, type Form } from '../support/upload.ts'
import { basicAuth, makeUploader, uploadForm } from '../support/uploader.ts'
import { makeWheel } from '../support/wheel.ts'
import { startYard, type Yard } from '../support/yard.ts'

const wheel = makeWheel('anchor', '1.0')

/** Whoever finds it at the start of a line has split a head in two. */
const INJECTED = 'X-Injected: yes'

const head = (requestLine: string, ...headers: string[]): string =>
  [`${requestLine} HTTP/1.1`, 'Host: x', ...headers, '', ''].join('\r\n')

const ask = (requestLine: string): string => head(requestLine, 'Connection: close')

const post = ({ type, body }: Form, ...headers: string[]): Buffer =>
  Buffer.concat([
    Buffer.from(
      head(
        'POST /ada/dev/',
        `Authorization: ${basicAuth(ada)}`,
        `Content-Type: ${type}`,
        `Content-Length: ${body.length}`,
        ...headers,
      ),
    ),
    body,
  ])

describe('the server', () => {
  let yard: Yard
  before(async () => {
    yard = await startYard({ stages: ['ada/dev'] })
    using uploader = makeUploader()
    const upload = await uploader.upload(yard.url('ada/dev/'), wheel)
    assert.equal(upload.status, 200, upload.text)
  })
  after(() => yard[Symbol.asyncDispose]())

  for (const filename of [
    `anchor-2.0\r\n${INJECTED}.tar.gz`,
    `anchor-2.0\n${INJECTED}-py3-none-any.whl`,
    `anchor-3.0%0d%0a${INJECTED}-py3-none-any.whl`,
    `anchor-2.0\r${INJECTED}.whl`,
    `anchor-2.0\u2028${INJECTED}.whl`,
    `anchor-2.0\0.whl`,
    `../../anchor-2.0-py3-none-any.whl`,
    'ancre-é-錨-2.0-py3-none-any.whl',
    'a'.repeat(900),
  ]) {
    test(`refuses the file name ${JSON.stringify(filename.slice(0, 60))} in words that stay in their line`, async () => {
      const form = makeForm([
        ...fieldParts(plainFields({ name: 'anchor', version: '2.0' })),
        filePart({ ...makeWheel('anchor', '2.0'), filename }),
      ])

      await assertRefused(yard, post(form, 'Connection: close'))
    })
  }

  for (const field of ['name', 'version', ':action'] as const) {
    test(`refuses line ends in the field ${field} in words that stay in their line`, async () => {
      const value = { name: 'anchor', version: '1.0', ':action': 'x' }[field]
      const fields = plainFields({
        name: 'anchor',
        version: '1.0',
        [field]: `${value}\r\n${INJECTED}\r\n\r\n<html>`,
      })

      await assertRefused(
        yard,
        post(makeForm([...fieldParts(fields), filePart(wheel)]), 'Connection: close'),
      )
    })
  }

  for (const path of [
    `/ada/dev/+simple/An.chor%0d%0a${INJECTED}/`,
    `/ada/dev/+simple/An.chor?x=%0d%0a${INJECTED.replace(' ', '%20')}`,
    `/ada/dev/+simple/An.chor/?\xff\xfe`,
    '//evil.example.org/+simple/An.chor/',
    '/ada/dev/+simple/An.chor//evil.example.org/',
  ]) {
    test(`sends nobody astray from ${JSON.stringify(path)}`, async () => {
      const answer = await exchange(yard.url(), ask(`GET ${path}`))

      assert.match(answer, /^HTTP\/1\.1 [34]\d\d /)
      assert.doesNotMatch(answer, /^x-injected/im)
      assert.doesNotMatch(answer, /^location: (?:\/\/|\w+:\/\/(?!x\/))/im)
    })
  }

  for (const path of [
    '/../../../etc/passwd',
    '/%2e%2e/%2e%2e/etc/passwd',
    '/ada/dev/+f/../../../ledger.sqlite',
    '/ada/dev/+f/%2e%2e%2f%2e%2e%2f/abc/ledger.sqlite',
    '/ada/dev/+f/abc/def/..%5c..%5cledger.sqlite',
    '/ada/dev/+f/abc/def/%00',
    '/ada/dev/+f/abc/def/%ff%fe',
    '/ada/dev/+e/%c0%ae%c0%ae/x.whl',
    `/${'a/'.repeat(10_000)}`,
    `/ada${'/'.repeat(10_000)}dev`,
    `/ada/dev/+simple/${'x'.repeat(30_000)}/`,
  ]) {
    test(`finds nothing at ${path.slice(0, 60)}`, async () => {
      const answer = await exchange(yard.url(), ask(`GET ${path}`))

      assert.match(answer, /^HTTP\/1\.1 4\d\d /)
    })
  }

  test('takes any number of slashes at the front of an address for one', async () => {
    const answer = await exchange(yard.url(), ask(`GET ${'/'.repeat(10_000)}+api`))

    assert.match(answer, /^HTTP\/1\.1 200 /)
  })

  test('refuses a head that is too long', async () => {
    const longUrl = await exchange(yard.url(), ask(`GET /${'x'.repeat(100_000)}`))
    const longHeader = await exchange(yard.url(), head('GET /', `X-Long: ${'x'.repeat(100_000)}`))
    const manyHeaders = await exchange(yard.url(), head('GET /', ...Array(9000).fill('X-Many: 1')))

    for (const answer of [longUrl, longHeader, manyHeaders]) {
      assert.match(answer, /^HTTP\/1\.1 431 /)
    }
  })

  test('answers whatever method there is', async () => {
    for (const method of ['OPTIONS', 'TRACE', 'PROPFIND', 'PURGE', 'PUSH', 'QUERY', 'FOO', 'get']) {
      const answer = await exchange(yard.url(), ask(`${method} /ada/dev`))
      assert.match(answer, /^HTTP\/1\.1 4\d\d /, method)
    }
    for (const line of ['CONNECT example.org:443', 'OPTIONS *', 'PRI *']) {
      const answer = await exchange(yard.url(), ask(line))
      assert.match(answer, /^(?:HTTP\/1\.1 4\d\d |$)/, line)
    }
  })

  test('refuses bodies whose end nobody can know', async () => {
    for (const headers of [
      ['Content-Length: 5', 'Transfer-Encoding: chunked'],
      ['Content-Length: 5', 'Content-Length: 6'],
      ['Content-Length: -1'],
      ['Content-Length: 0x5'],
      ['Transfer-Encoding: chunked, identity'],
      ['Transfer-Encoding: xchunked'],
    ]) {
      const request = head('POST /+login', ...headers)
      const answer = await exchange(yard.url(), `${request}0\r\n\r\n${ask('GET /+status')}`)
      assert.match(answer, /^HTTP\/1\.1 400 /, headers.join())
      assert.doesNotMatch(answer, /HTTP\/1\.1 200/, headers.join())
    }
  })

  test('answers requests that come in one go one after the other, in their order', async () => {
    const lines = Array.from({ length: 50 }, (_, i) =>
      i % 3 ? 'GET /+health/live' : 'GET /nobody',
    )
    const requests = lines.map((line, i) => (i === 49 ? ask(line) : head(line)))

    const answer = await exchange(yard.url(), requests.join(''))

    const statuses = [...answer.matchAll(/^(?:ok\n)?HTTP\/1\.1 (\d+)/gm)].map(
      ([, status]) => status,
    )
    assert.deepEqual(
      statuses,
      lines.map((line) => (line.includes('live') ? '200' : '404')),
    )
  })

  test('answers an upload and what comes behind it in one go in their order', async () => {
    const upload = post(uploadForm(makeWheel('pipelined', '1.0')))

    const answer = await exchange(yard.url(), upload, ask('GET /+health/live'))

    assert.match(answer, /^HTTP\/1\.1 200 [^]*\r\n\r\nHTTP\/1\.1 200 [^]*\r\n\r\nok\n$/)
  })

  test('answers a client that has closed its half of the connection', async () => {
    const socket = await openSocket(yard.url())
    const answer = readAll(socket)
    socket.end(head('GET /ada/dev/+simple/anchor/'))

    assert.match(await answer, /^HTTP\/1\.1 200 [^]*anchor-1\.0-py3-none-any\.whl/)
  })

  test('keeps nothing of an upload that ends early', async () => {
    const before = await serialOf(yard)
    const request = post(uploadForm(makeWheel('halved', '1.0')), 'X-Halved: yes')
    const socket = await openSocket(yard.url())
    socket.resume().end(request.subarray(0, -20))
    await once(socket, 'close')

    assert.equal(await serialOf(yard), before)
    assert.deepEqual(await readdir(join(yard.folder, 'blobs/tmp')), [])
    const page = await fetch(yard.url('ada/dev/+simple/halved/'))
    assert.equal(page.status, 404)
  })

  test('has not failed once in all this', () => {
    assert.deepEqual(
      yard.log.split('\n').filter((line) => line.includes('"level":"error"')),
      [],
    )
  })
})

/** A sentence of ours, in a head that is whole, and nothing is changed. */
async function assertRefused(yard: Yard, request: Buffer): Promise<void> {
  const before = await serialOf(yard)
  const answer = await exchange(yard.url(), request)
  const [top = ''] = answer.split('\r\n\r\n')
  assert.match(top, /^HTTP\/1\.1 400 [ -~\xa0-\xff]+\r\n/)
  assert.doesNotMatch(top, /^x-injected/im)
  assert.equal(await serialOf(yard), before)
}

async function serialOf(yard: Yard): Promise<string | null> {
  const response = await fetch(yard.url('+api'))
  await response.arrayBuffer()
  return response.headers.get('x-devpi-serial')
}
