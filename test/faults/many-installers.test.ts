/** Many installers at once for what nobody has asked for yet: upstream hears of each thing once. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { byPath, ranged, startFakeUpstream, type Answer } from '../support/fake-upstream.ts'
import { sha256 } from '../support/listed-files.ts'
import { staticIndex } from '../support/static-index.ts'
import { makeWheel } from '../support/wheel.ts'
import { startYard } from '../support/yard.ts'

const INSTALLERS = 200
const PROJECTS = 100
/** Each installs this many of the projects, beginning with another one. */
const TREE = 10

const names = Array.from({ length: PROJECTS }, (_, number) => `project${number}`)
/** Large enough that their metadata is read from parts of them. */
const ballast = { 'ballast.txt': 'x'.repeat(100_000) }
const wheels = names.map((name) => makeWheel(name, '1.0', { extraFiles: ballast }))
/** Of every other wheel upstream has core metadata; of the rest it is made here. */
const files = wheels.map(({ filename, bytes, metadataBytes }, number) =>
  number % 2 === 0 ? { filename, bytes, metadataBytes } : { filename, bytes },
)

interface Listed {
  readonly url: string
  readonly hashes: { readonly sha256: string }
  readonly 'core-metadata': unknown
}

test(`${INSTALLERS} installers at once ask upstream once for each page and each file`, async () => {
  const bytes = Object.fromEntries(
    wheels.map((wheel): [string, Answer] => [`/files/${wheel.filename}`, ranged(wheel.bytes)]),
  )
  const index = staticIndex(files)
  await using upstream = await startFakeUpstream((request, response) =>
    (request.url && bytes[request.url] ? byPath(bytes) : index)(request, response),
  )
  const mirror = { name: 'ada/mirror', type: 'mirror', mirror_url: upstream.url('simple/') }
  await using yard = await startYard({
    stages: [mirror, { name: 'ada/dev', bases: ['ada/mirror'] }],
  })

  await Promise.all(Array.from({ length: INSTALLERS }, (_, number) => install(number)))

  const whole = upstream.requests.filter(({ headers }) => headers.range === undefined)
  const counts = Map.groupBy(whole, ({ path }) => path)
  const wanted = [
    ...names.map((name) => `/simple/${name}/`),
    ...files.map(({ filename }) => `/files/${filename}`),
    ...files.filter((file) => file.metadataBytes).map((file) => `/files/${file.filename}.metadata`),
  ]
  const asked = [...counts].filter(([path]) => path !== '/simple/')
  assert.deepEqual(asked.map(([path]) => path).toSorted(), wanted.toSorted())
  assert.deepEqual(
    asked.filter(([, requests]) => requests.length > 1).map(([path]) => path),
    [],
  )

  const parts = upstream.requests.filter(({ headers }) => headers.range !== undefined)
  const reads = Map.groupBy(parts, ({ path }) => path)
  assert.equal(reads.size, PROJECTS / 2)
  for (const [path, { length }] of reads) assert.ok(length <= 3, `${length} parts of ${path}`)

  /** As pip does: for each project its page, the metadata of the wheel, the wheel. */
  async function install(number: number): Promise<void> {
    for (let at = 0; at < TREE; at++) {
      const chosen = (number * 7 + at * 3) % PROJECTS
      const page = yard.url(`ada/dev/+simple/project${chosen}/`)
      const { files: listed } = JSON.parse((await get(page)).toString()) as { files: Listed[] }
      const [file] = listed
      assert.ok(file, page)
      const url = new URL(file.url, page).href
      assert.ok(file['core-metadata'], `${page} promises core metadata`)
      assert.deepEqual(await get(`${url}.metadata`), wheels[chosen]?.metadataBytes)
      assert.equal(sha256(await get(url)), file.hashes.sha256)
    }
  }
})

async function get(url: string): Promise<Buffer> {
  const accept = 'application/vnd.pypi.simple.v1+json'
  const response = await fetch(url, { headers: { accept } })
  const content = Buffer.from(await response.arrayBuffer())
  assert.equal(response.status, 200, `${url}: ${content.toString().slice(0, 500)}`)
  return content
}
