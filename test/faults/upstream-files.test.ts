/** Files through a mirror whose upstream fails: never half a file that ends as if it were whole, and nothing kept. */
import assert from 'node:assert/strict'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { failWith, hangUp, raw } from '../support/broken-answers.ts'
import {
  body,
  breakAfter,
  chunked,
  garbage,
  notFound,
  redirectInCircles,
  stall,
  stallAfter,
  type Answer,
} from '../support/fake-upstream.ts'
import { askSoon, startImpatientMirror } from '../support/impatient-mirror.ts'
import type { ImpatientMirror } from '../support/impatient-mirror.ts'
import { assertWhole, listFiles, sha256 } from '../support/listed-files.ts'
import { json, pageOf } from '../support/mirror.ts'
import { verifyStore } from '../support/verify-store.ts'

interface Fault {
  readonly upstream: string
  readonly answer: (bytes: Buffer) => Answer
  /** What the client is told; without it, the file may have begun. */
  readonly says?: RegExp
  /** 502 unless it is another. */
  readonly status?: number
}

const half = (bytes: Buffer): Buffer => bytes.subarray(0, bytes.length / 2)

const faults: readonly Fault[] = [
  { upstream: 'says nothing', answer: () => stall, says: /no answer in time/ },
  { upstream: 'stops within it', answer: (bytes) => stallAfter(bytes, 200) },
  {
    upstream: 'stops before its last byte',
    answer: (bytes) => stallAfter(bytes, bytes.length - 1),
  },
  { upstream: 'hangs up', answer: () => hangUp, says: /it closed the connection early/ },
  { upstream: 'hangs up within it', answer: (bytes) => breakAfter(bytes, bytes.length / 2) },
  {
    upstream: 'hangs up within it, having announced no length',
    answer: (bytes) => raw('Connection: close', half(bytes)),
  },
  { upstream: 'sends too little', answer: (bytes) => chunked([half(bytes)]) },
  { upstream: 'sends too much', answer: (bytes) => chunked([bytes, 'and more']) },
  { upstream: 'sends other bytes', answer: (bytes) => body(Buffer.alloc(bytes.length)) },
  { upstream: 'sends a page in its place', answer: () => chunked(['<!DOCTYPE html><html>']) },
  { upstream: 'sends no HTTP', answer: () => garbage, says: /error getting/ },
  {
    upstream: 'redirects in circles',
    answer: () => redirectInCircles,
    says: /redirects in a circle/,
  },
  { upstream: 'fails with 500', answer: () => failWith(500), says: /error 500 getting/ },
  { upstream: 'has no more of it (410)', answer: () => failWith(410), says: /error 410 getting/ },
  {
    upstream: 'has lost it (404)',
    answer: () => notFound,
    says: /error 404 getting/,
    status: 404,
  },
]

describe('a file through a mirror', { concurrency: 4 }, () => {
  let mirror: ImpatientMirror
  before(async () => (mirror = await startImpatientMirror()))
  after(() => mirror[Symbol.asyncDispose]())

  for (const isSizeListed of [true, false]) {
    for (const [number, { upstream, answer, says, status }] of faults.entries()) {
      const project = `${isSizeListed ? 'sized' : 'unsized'}${number}`
      const size = isSizeListed ? 'of a listed size' : 'of a size nobody listed'

      test(`${size} is never half there when upstream ${upstream}`, async () => {
        const { answers, page } = mirror
        const bytes = Buffer.alloc(100_000, project)
        const filename = `${project}-1.0.tar.gz`
        const listed = { filename, hashes: { sha256: sha256(bytes) } }
        answers[`/simple/${project}/`] = json(
          pageOf([isSizeListed ? { ...listed, size: bytes.length } : listed]),
        )
        const [file] = await listFiles(page(project))
        const url = file?.url ?? ''

        answers[`/files/${filename}`] = answer(bytes)
        await assertFails(url, says, status)
        if (!says) await mirror.yard.logged(downloadFailed(filename))

        answers[`/files/${filename}`] = body(bytes)
        assert.ok(file)
        await assertWhole([file])
      })
    }
  }

  test('is refused where upstream announces another length than its page', async () => {
    const { answers, page } = mirror
    const filename = 'other-1.0.tar.gz'
    answers['/simple/other/'] = json(pageOf([{ filename, size: 100 }]))
    answers[`/files/${filename}`] = body('50 bytes, or so')
    const [file] = await listFiles(page('other'))

    await assertFails(file?.url ?? '', /is 15 bytes long, but its page says 100/)
  })
})

test('a file that was bad leaves nothing here', async () => {
  await using mirror = await startImpatientMirror()
  const { yard, answers, page } = mirror
  const filename = 'bad-1.0.tar.gz'
  const hashes = { sha256: sha256(Buffer.from('good')) }
  answers['/simple/bad/'] = json(pageOf([{ filename, hashes }]))
  answers[`/files/${filename}`] = body('evil')
  const [file] = await listFiles(page('bad'))

  await assertFails(file?.url ?? '', undefined)

  await yard.logged(downloadFailed(filename))
  assert.equal((await verifyStore(yard.folder)).blobs, 0)
  assert.deepEqual(await readdir(join(yard.folder, 'blobs/tmp')), [])
})

const downloadFailed = (filename: string): RegExp =>
  new RegExp(`a download failed[^\\n]*"filename":"${filename}"`)

/** A sentence and nothing of the file. If it may have begun: that, or a connection that breaks before the end. */
async function assertFails(url: string, says: RegExp | undefined, status = 502): Promise<void> {
  const response = await askSoon(url).catch(assertBroken)
  const text = await response?.text().catch(assertBroken)
  if (!says && text === undefined) return
  assert.equal(response?.status, status, text ?? 'it broke off')
  assert.equal(response.headers.get('content-type'), 'application/json')
  const answer = JSON.parse(text ?? '') as { message: string }
  assert.deepEqual(Object.keys(answer), ['message'])
  assert.match(answer.message, says ?? /./)
}

/** Not, above all, that it took too long. */
function assertBroken(error: unknown): undefined {
  assert.ok(error instanceof TypeError)
  assert.match(error.message, /^(?:terminated|fetch failed)$/)
}
