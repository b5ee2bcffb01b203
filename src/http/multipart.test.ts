import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { Readable } from 'node:stream'
import { test } from 'node:test'
import fc from 'fast-check'
import { refuse } from '#base/refusal'
import { readAll, serveRoutes, type RouteServer } from '../../test/support/serve-routes.ts'
import { BodyRoom } from './body-room.ts'
import { readForm, type FilePart, type FormLimits } from './multipart.ts'
import { jsonValue } from './reply.ts'
import { get, post } from './route.ts'

interface Seen {
  readonly fields: Record<string, readonly string[]>
  readonly files: readonly (Omit<FilePart, 'before'> & {
    readonly field: string
    readonly content: string
  })[]
}

/** Collects a form and shows it. `onFile` may be replaced. */
function serveForms(
  limits: Partial<FormLimits> = {},
  onFile?: (stream: Readable) => Promise<void>,
): Promise<RouteServer> {
  const route = post('/', async (call) => {
    const files: Seen['files'][number][] = []
    const form = await readForm(call, {
      limits,
      async onFile(field, { filename, contentType }, stream) {
        if (onFile) return onFile(stream)
        const content = Buffer.concat(await stream.toArray()).toString('latin1')
        files.push({ field, filename, contentType, content })
      },
    })
    if (!onFile)
      assert.deepEqual(
        form.fileFields,
        files.map((one) => one.field),
      )
    return jsonValue(200, { fields: Object.fromEntries(form.fields), files } satisfies Seen)
  })
  return serveRoutes([route, get('/', () => jsonValue(200, 'next'))])
}

const type = 'multipart/form-data; boundary=BB'
const end = '--BB--\r\n'
const field = (name: string, value: string): string =>
  `--BB\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`
const file = (name: string, filename: string, content: string, more = ''): string =>
  `--BB\r\nContent-Disposition: form-data; name="${name}"; filename="${filename}"\r\n${more}\r\n${content}\r\n`

async function send(yard: RouteServer, body: string, contentType = type) {
  const answer = await fetch(yard.url, {
    method: 'POST',
    body: Buffer.from(body, 'latin1'),
    headers: { 'content-type': contentType, accept: 'application/json' },
  })
  return { status: answer.status, value: (await answer.json()) as Seen & { message: string } }
}

test('fields and files come in any order, and a field may come again', async () => {
  await using yard = await serveForms()

  const body =
    field('a', '1') + file('content', 'x.whl', 'bytes') + field('b', '') + field('a', '2')
  const { status, value } = await send(yard, body + end)

  assert.equal(status, 200)
  assert.deepEqual(value.fields, { a: ['1', '2'], b: [''] })
  assert.deepEqual(value.files, [
    { field: 'content', filename: 'x.whl', contentType: 'text/plain', content: 'bytes' },
  ])
})

test('whoever takes a file knows the fields that stood before it', async () => {
  let seen: unknown
  const route = post('/', async (call) => {
    await readForm(call, {
      async onFile(_field, { before }, stream) {
        seen = Object.fromEntries(before)
        stream.resume()
      },
    })
    return jsonValue(200, '')
  })
  await using yard = await serveRoutes([route])

  await send(yard, field('a', '1') + file('content', 'x.whl', 'bytes') + field('b', '2') + end)

  assert.deepEqual(seen, { a: ['1'] })
})

test('a file may say its type, and values keep their line ends and UTF-8', async () => {
  await using yard = await serveForms()

  const long = Buffer.from('ü\r\nline\r\n\r\n').toString('latin1')
  const body =
    field('d', long) + file('c', 'f', '\x00\xff\r\n--B', 'Content-Type: Application/Zip\r\n')
  const { value } = await send(yard, body + end)

  assert.deepEqual(value.fields.d, ['ü\r\nline\r\n\r\n'])
  assert.equal(value.files[0]?.contentType, 'application/zip')
  assert.equal(value.files[0]?.content, '\x00\xff\r\n--B')
})

test('what FormData sends is read', async () => {
  await using yard = await serveForms()
  const form = new FormData()
  form.append('näme', 'wért')
  form.append('content', new Blob(['abc']), 'päckage.whl')

  const answer = await fetch(yard.url, { method: 'POST', body: form })

  const { fields, files } = (await answer.json()) as Seen
  assert.deepEqual(fields, { näme: ['wért'] })
  assert.equal(files[0]?.filename, 'päckage.whl')
})

for (const name of ['../../etc/x', 'a/b.whl', 'C:\\x.whl', 'a\tb', 'a\x01b', '..', '']) {
  test(`the file name ${JSON.stringify(name)} arrives as it was sent`, async () => {
    await using yard = await serveForms()

    const { value } = await send(yard, file('content', name, 'x') + end)

    assert.equal(value.files[0]?.filename, name)
  })
}

test('a body in pieces of any size is read the same', async () => {
  await using yard = await serveForms()
  const body = field('a', '1\r\n') + file('content', 'x', 'y'.repeat(300)) + field('z', 'end') + end
  const { value: whole } = await send(yard, body)

  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 1, max: 80 }), { maxLength: 20 }),
      async (sizes) => {
        const parts = cut(body, sizes).map((part) => `${part.length.toString(16)}\r\n${part}\r\n`)
        const head = `POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: ${type}\r\n`
        const answer = await yard.exchange(
          `${head}Transfer-Encoding: chunked\r\n\r\n`,
          ...parts,
          '0\r\n\r\n',
        )
        assert.deepEqual(JSON.parse(answer.slice(answer.indexOf('\r\n\r\n'))), whole)
      },
    ),
    { numRuns: 30 },
  )
})

function cut(text: string, sizes: readonly number[]): string[] {
  const parts: string[] = []
  let at = 0
  for (const size of sizes) parts.push(text.slice(at, (at += size)))
  return [...parts, text.slice(at)].filter((part) => part !== '')
}

test('after a form, also one with an epilogue, the connection goes on', async () => {
  await using yard = await serveForms()
  const body = `${field('a', '1')}${end}epilogue`

  const answer = await yard.exchange(
    `POST / HTTP/1.1\r\nHost: x\r\nContent-Type: ${type}\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    'GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
  )

  assert.match(answer, /"a": \[\n[^]*HTTP\/1\.1 200 OK[^]*"next"/)
})

for (const contentType of [
  'application/json',
  'application/x-www-form-urlencoded',
  'multipart/mixed; boundary=BB',
  'multipart/form-data',
  'multipart/form-data; x=y',
  '',
]) {
  test(`a body of type '${contentType}' is no form`, async () => {
    await using yard = await serveForms()

    const { status } = await send(yard, field('a', '1') + end, contentType)

    assert.equal(status, 415)
  })
}

const broken: readonly [what: string, body: string][] = [
  ['an empty body', ''],
  ['a body without the boundary', 'hello'],
  ['a form without its end', field('a', '1')],
  ['a file without its end', file('content', 'x', 'half').slice(0, -4)],
  ['a form that ends in a header', '--BB\r\nContent-Dispo'],
  ['a field without a name', '--BB\r\nContent-Disposition: form-data\r\n\r\nx\r\n--BB--\r\n'],
  ['a field with an empty name', field('', 'x') + end],
]
for (const [what, body] of broken) {
  test(`${what} is refused`, async () => {
    await using yard = await serveForms()

    const { status, value } = await send(yard, body)

    assert.equal(status, 400)
    assert.match(value.message, /form/)
  })
}

const small = { fields: 3, fieldSize: 10, totalFieldSize: 20, files: 1 }
const tooMuch: readonly [what: string, body: string, message: RegExp][] = [
  ['a long field', field('summary', 'x'.repeat(11)), /field summary is longer than 10 bytes/],
  ['many fields', field('a', '').repeat(4), /more than 3 fields/],
  [
    'long fields together',
    ['a', 'b', 'last'].map((name) => field(name, 'x'.repeat(9))).join(''),
    /With last, .* 20 bytes/,
  ],
  ['two files', file('content', 'x', '1').repeat(2), /more than 1 files/],
  ['many parts without a name', '--BB\r\n\r\n\r\n'.repeat(5), /more than 4 parts/],
  ['a long field name', field('n'.repeat(201), ''), /field name nn.* is longer than 200/],
  [
    'a long file name',
    file('content', 'n'.repeat(1001), ''),
    /file name of content is longer than 1000/,
  ],
]
for (const [what, body, message] of tooMuch) {
  test(`${what} is refused in a sentence that says so`, async () => {
    await using yard = await serveForms(small)

    const { status, value } = await send(yard, body + end)

    assert.equal(status, 400)
    assert.match(value.message, message)
  })
}

test('a field of just the allowed length is whole', async () => {
  await using yard = await serveForms(small)

  const { value } = await send(yard, field('a', 'x'.repeat(10)) + end)

  assert.deepEqual(value.fields, { a: ['x'.repeat(10)] })
})

test('when taking the file fails, so does the form, and the sender sees why', async () => {
  await using yard = await serveForms({}, async (stream) => {
    for await (const _ of stream) throw refuse('upload-too-large', { filename: 'x', limit: 3 })
  })

  const { status, value } = await send(yard, file('content', 'x', 'y'.repeat(5_000_000)) + end)

  assert.equal(status, 413)
  assert.match(value.message, /File too large/)
})

test('a file that nobody reads is skipped', async () => {
  await using yard = await serveForms({}, async () => {})

  const answer = await send(
    yard,
    file('content', 'x', 'y'.repeat(5_000_000)) + field('a', '1') + end,
  )

  assert.deepEqual(answer.value.fields?.a ?? answer, ['1'])
})

test('a file that its reader destroys without an error is our mistake, and holds up nobody', async () => {
  await using yard = await serveForms({}, async (stream) => void stream.destroy())

  const { status } = await send(yard, file('content', 'x', 'y'.repeat(5_000_000)) + end)

  assert.equal(status, 500)
})

test('when the client goes in the middle of a file, its reader gets an error', async () => {
  const failed = Promise.withResolvers<unknown>()
  await using yard = await serveForms({}, (stream) =>
    stream.toArray().then(
      () => failed.reject(new Error('the file looks whole')),
      (error: unknown) => failed.resolve(error),
    ),
  )

  const socket = await yard.connect()
  socket.write(
    `POST / HTTP/1.1\r\nHost: x\r\nContent-Type: ${type}\r\nContent-Length: 5000\r\n\r\n`,
  )
  socket.write(file('content', 'x', 'half'), () => socket.destroy())

  assert.ok((await failed.promise) instanceof Error)
})

test('a file is read only as fast as it is taken', async () => {
  const taken = Promise.withResolvers<Readable>()
  const release = Promise.withResolvers<void>()
  await using yard = await serveForms({}, async (stream) => {
    taken.resolve(stream)
    await release.promise
    await stream.toArray()
  })
  const socket = await yard.connect()
  const answer = readAll(socket)
  const content = 'y'.repeat(20_000_000)
  const body = file('content', 'x', content) + end
  socket.write(`POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: ${type}\r\n`)
  socket.write(`Content-Length: ${body.length}\r\n\r\n${body}`)

  const stream = await taken.promise
  await once(stream, 'readable')
  const held = stream.readableLength
  release.resolve()

  assert.ok(held < 1_000_000, `${held} bytes`)
  assert.match(await answer, /^HTTP\/1\.1 200 /)
})

test('what is no file takes room in memory until the form is done, and a file takes none', async () => {
  const room = new BodyRoom(200_000)
  const route = post('/', async (call) => {
    const onFile = async (_field: string, _part: unknown, stream: Readable) => {
      for await (const chunk of stream) void chunk
    }
    const { fields } = await readForm(call, { room, onFile })
    return jsonValue(200, fields.size)
  })
  await using yard = await serveRoutes([route])
  const long = 'x'.repeat(150_000)

  for (const body of [
    field('a', long),
    file('content', 'x', long.repeat(10)),
    field('b', long),
    field('c', long) + field('d', long),
    field('e', long),
  ]) {
    const isTooMuch = body.includes('"d"')
    assert.equal((await send(yard, `${body}--BB--\r\n`)).status, isTooMuch ? 429 : 200)
  }
})
