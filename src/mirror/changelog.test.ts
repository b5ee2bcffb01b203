/** PyPI's changelog: pages of projects that it does not name stay fresh without a look. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { body, byPath, startFakeUpstream, type Answer } from '../../test/support/fake-upstream.ts'
import {
  asksOf,
  json,
  makeMirrorRig,
  MIRROR,
  pageOf,
  type MirrorRig,
} from '../../test/support/mirror.ts'

const HALF_HOUR = 1_800_000
const page = pageOf([{ filename: 'anchor-1.0.tar.gz' }])
const last = (serial: number): Answer =>
  json(page, { headers: { 'x-pypi-last-serial': `${serial}` } })

const xml = (value: string): Answer =>
  body(
    `<?xml version='1.0'?>\n<methodResponse>\n<params>\n<param>\n<value>${value}</value>\n</param>\n</params>\n</methodResponse>\n`,
    { type: 'text/xml' },
  )
const serialIs = (serial: number): Answer => xml(`<int>${serial}</int>`)
/** As Python's xmlrpc prints a list of lists. */
const changes = (...rows: readonly (readonly [name: string, serial: number])[]): Answer =>
  xml(
    `<array><data>\n${rows
      .map(
        ([name, serial]) =>
          `<value><array><data>\n<value><string>${name}</string></value>\n<value><nil/></value>\n<value><int>1700000000</int></value>\n<value><string>new release</string></value>\n<value><int>${serial}</int></value>\n</data></array></value>\n`,
      )
      .join('')}</data></array>`,
  )

interface Upstream {
  answers: Record<string, Answer>
}

async function start(upstream: Upstream): Promise<{
  rig: MirrorRig
  pages: () => number
  [Symbol.asyncDispose]: () => Promise<void>
}> {
  const server = await startFakeUpstream((request, response) =>
    byPath(upstream.answers)(request, response),
  )
  const rig = await makeMirrorRig(server.url('simple'))
  await rig.setMirror({ mirror_changelog_url: server.url('/pypi'), mirror_no_project_list: true })
  return {
    rig,
    pages: () => asksOf(server).filter(({ path }) => path === '/simple/anchor/').length,
    async [Symbol.asyncDispose]() {
      await rig[Symbol.asyncDispose]()
      await server.close()
    },
  }
}

/** The first look, and the one with which the changelog begins. */
async function begin({ rig }: Awaited<ReturnType<typeof start>>): Promise<void> {
  await rig.mirrors.freshen(MIRROR, 'anchor')
  rig.pass(HALF_HOUR)
  await rig.mirrors.freshen(MIRROR, 'anchor')
}

test('a page that the changelog does not name is not asked for again', async () => {
  const upstream = { answers: { '/simple/anchor/': last(5), '/pypi': serialIs(7) } }
  await using world = await start(upstream)
  await begin(world)
  assert.equal(world.pages(), 2)

  upstream.answers['/pypi'] = changes(['other', 8])
  for (const _ of [1, 2, 3]) {
    world.rig.pass(HALF_HOUR)
    assert.equal(await world.rig.mirrors.freshen(MIRROR, 'anchor'), 'fresh')
  }
  assert.equal(world.pages(), 2)
  assert.equal(world.rig.mirrors.isFresh(MIRROR, 'anchor'), true)
})

test('a page that the changelog names is asked for once', async () => {
  const upstream = { answers: { '/simple/anchor/': last(5), '/pypi': serialIs(7) } }
  await using world = await start(upstream)
  await begin(world)

  upstream.answers['/pypi'] = changes(['Anchor', 9], ['other', 8])
  upstream.answers['/simple/anchor/'] = last(9)
  for (const _ of [1, 2]) {
    world.rig.pass(HALF_HOUR)
    await world.rig.mirrors.freshen(MIRROR, 'anchor')
    upstream.answers['/pypi'] = changes()
  }
  assert.equal(world.pages(), 3)
})

for (const [what, answer] of [
  ['fails', body('no', { status: 500 })],
  ['is a fault', xml('<fault></fault>')],
  ['is a page for people', body('<html>')],
] as const) {
  test(`where the changelog ${what}, the page is asked for`, async () => {
    const upstream = { answers: { '/simple/anchor/': last(5), '/pypi': serialIs(7) } }
    await using world = await start(upstream)
    await begin(world)
    upstream.answers['/pypi'] = answer
    world.rig.pass(HALF_HOUR)
    assert.equal(await world.rig.mirrors.freshen(MIRROR, 'anchor'), 'fresh')
    assert.equal(world.pages(), 3)
  })
}

test('a refresh asks for the page whatever the changelog says', async () => {
  const upstream = { answers: { '/simple/anchor/': last(5), '/pypi': serialIs(7) } }
  await using world = await start(upstream)
  await begin(world)
  upstream.answers['/pypi'] = changes()
  await world.rig.mirrors.refresh(MIRROR, 'anchor')
  assert.equal(world.pages(), 3)
})
