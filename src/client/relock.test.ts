import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readLockFile } from '#python/lock-file'
import type { Offer } from './offers.ts'
import { relockText, type RelockOptions } from './relock.ts'

const a = 'a'.repeat(64)
const b = 'b'.repeat(64)
const OLD = 'http://127.0.0.1/ada/dev/+simple/'
const OTHER = 'http://127.0.0.1/bea/dev/+simple/'

const offer = (filename: string, sha256: string, index = 'http://127.0.0.2/simple/'): Offer => ({
  filename,
  url: `http://127.0.0.2/f/${filename}`,
  hashes: { sha256 },
  index,
})

const offered: Readonly<Record<string, readonly Offer[]>> = {
  anchor: [offer('anchor-1.0.tar.gz', a)],
  mast: [offer('mast-1.0.tar.gz', b, 'http://127.0.0.3/simple/')],
  hidden: [{ ...offer('hidden-1.0.tar.gz', a), hashes: { md5: 'c'.repeat(32) } }],
}

const offers: RelockOptions['offers'] = async (project) => offered[project] ?? []

const relock = (name: string, text: string, options: Partial<RelockOptions> = {}) =>
  relockText(text, readLockFile(name, text), { offers, ...options })

const locked = (name: string, index: string, hash = a): string => `[[package]]
name = "${name}"
version = "1.0"
source = { registry = "${index}" }
sdist = { url = "http://127.0.0.1/f/${name}-1.0.tar.gz", hash = "sha256:${hash}" }
`

test('with --from what was locked from other indexes stays as it is', async () => {
  const text = `version = 1\n${locked('anchor', OLD)}${locked('keel', OTHER)}`

  const { text: after, problems } = await relock('uv.lock', text, {
    from: 'http://user:x@127.0.0.1/ada/dev',
  })

  assert.deepEqual(problems, [])
  const expected = locked('anchor', 'http://127.0.0.2/simple/').replace(
    '127.0.0.1/f',
    '127.0.0.2/f',
  )
  assert.equal(after, `version = 1\n${expected}${locked('keel', OTHER)}`)
})

test('each package of a uv.lock leads to the upstream that has it', async () => {
  const text = `version = 1\n${locked('anchor', OLD)}${locked('mast', OLD, b)}`

  const { text: after, changed } = await relock('uv.lock', text)

  assert.equal(changed, 4)
  assert.deepEqual(
    [...after.matchAll(/registry = "(.*)"/g)].map(([, index]) => index),
    ['http://127.0.0.2/simple/', 'http://127.0.0.3/simple/'],
  )
})

test('a requirements file whose files come from several upstreams cannot name one of them', async () => {
  const text = `-i ${OLD}\nanchor==1.0 --hash=sha256:${a}\nmast==1.0 --hash=sha256:${b}\n`

  const { problems } = await relock('r.txt', text)

  assert.equal(problems.length, 1)
  assert.match(problems[0]!, /line 1: its files come from several indexes: .*0\.2.*0\.3/)
})

test('a file whose hash is not told there, or is another, is a problem by its line', async () => {
  const text = `version = 1\n${locked('hidden', OLD)}${locked('anchor', OLD, b)}${locked('keel', OLD)}`

  const { problems } = await relock('uv.lock', text)

  assert.deepEqual(problems, [
    'line 6: hidden-1.0.tar.gz is there, but its sha256 is not told',
    'line 11: anchor-1.0.tar.gz has another hash there',
    'line 16: keel-1.0.tar.gz is not there',
  ])
})

test('a page of links is found again if it is the page of a project, else it is left and named', async () => {
  const text = `-f ${OLD}anchor/\n-f http://127.0.0.1/links.html\nanchor==1.0 --hash=sha256:${a}\n`

  const { text: after, notes } = await relock('r.txt', text)

  assert.match(
    after,
    /^-f http:\/\/127\.0\.0\.2\/simple\/anchor\/\n-f http:\/\/127\.0\.0\.1\/links/,
  )
  assert.deepEqual(notes, ['line 2: --find-links http://127.0.0.1/links.html is left as it is'])
})

test('quotes in an address of the other index cannot end the string it stands in', async () => {
  const url = `http://127.0.0.2/f/a'"\\\n.tar.gz`
  const text = `version = 1\n${locked('anchor', OLD).replaceAll('"', "'")}`

  const { text: after } = await relock('uv.lock', text, {
    offers: async () => [{ ...offer('anchor-1.0.tar.gz', a), url }],
  })

  assert.match(after, /url = 'http:\/\/127\.0\.0\.2\/f\/a%27%22\/\.tar\.gz', hash/)
})
