/** What an index has of its bases and mirrors, beside the real devpi-server: random trees, and every page of theirs. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { startApi } from '../support/api.ts'
import { makeStages, makeUser, devpiAuth } from '../support/devpi-api.ts'
import type { FakeUpstream } from '../support/fake-upstream.ts'
import { startStaticIndex } from '../support/static-index.ts'
import { fieldParts, makeForm, plainFields, uploadParts } from '../support/upload.ts'
import { startDevpiServer } from '../support/upstream.ts'
import { makeSdist, makeWheel, type Distribution } from '../support/wheel.ts'

const PROJECTS = ['anchor', 'boat', 'cable']
const STAGES = ['a', 'b', 'c', 'd']
const MIRRORS = ['m', 'n']
const SEED = 20_261_125
const TREES = Number(process.env['WHEELYARD_ORACLE_RUNS'] ?? 6)

interface Stage {
  readonly bases: readonly string[]
  readonly whitelist: readonly string[]
  readonly inheritance: string
  /** By project: files' versions; an empty list is a registration alone. */
  readonly own: Readonly<Record<string, readonly string[] | undefined>>
}

interface Tree {
  readonly stages: Readonly<Record<string, Stage>>
  /** By mirror: what its upstream has. */
  readonly upstream: Readonly<Record<string, readonly string[]>>
  /** A stage that is removed in the end, whoever has it as a base. */
  readonly removed: string | undefined
}

const some = (values: readonly string[]) => fc.shuffledSubarray([...values])
const versions = fc.shuffledSubarray(['1.0', '1.10', '2.0rc1', '2.0'], { maxLength: 2 })
const stage: fc.Arbitrary<Stage> = fc.record({
  bases: some([...STAGES, ...MIRRORS]),
  whitelist: fc.oneof({ weight: 2, arbitrary: fc.constant([]) }, some([...PROJECTS, '*'])),
  inheritance: fc.constantFrom('intersection', 'union'),
  own: fc.dictionary(fc.constantFrom(...PROJECTS), versions, { maxKeys: 2 }),
})
const tree: fc.Arbitrary<Tree> = fc.record({
  stages: fc.record(Object.fromEntries(STAGES.map((name) => [name, stage]))),
  upstream: fc.record(
    Object.fromEntries(
      MIRRORS.map((name) => [name, fc.shuffledSubarray([...PROJECTS], { minLength: 1 })]),
    ),
  ),
  removed: fc.option(fc.constantFrom('c', 'd'), { nil: undefined }),
})

/** The same bytes each time, for both servers. */
const distributions = new Map<string, Distribution>()
function distribution(project: string, version: string, owner: string): Distribution {
  const key = `${project} ${version} ${owner}`
  const made = distributions.get(key)
  if (made) return made
  const make = owner < 'c' ? makeWheel : makeSdist
  const file = make(project, version)
  distributions.set(key, file)
  return file
}

interface Side {
  readonly url: string
  readonly upstreams: Readonly<Record<string, FakeUpstream>>
}

async function send(url: string, init: RequestInit): Promise<void> {
  const response = await fetch(url, init)
  assert.ok(response.ok, `${url}: ${response.status} ${await response.text()}`)
}

async function build({ url, upstreams }: Side, user: string, { stages, removed }: Tree) {
  const secret = await makeUser(url, user)
  const headers = devpiAuth({ user, secret })
  const json = { ...headers, 'content-type': 'application/json', accept: 'application/json' }
  const put = (name: string, body: object, method = 'PUT') =>
    send(`${url}${user}/${name}`, { method, headers: json, body: JSON.stringify(body) })
  for (const [name, upstream] of Object.entries(upstreams)) {
    await put(name, { type: 'mirror', mirror_url: upstream.url('simple/'), volatile: true })
  }
  for (const name of Object.keys(stages)) await put(name, { volatile: true, bases: [] })
  for (const [name, { bases, whitelist, inheritance, own }] of Object.entries(stages)) {
    await put(
      name,
      {
        bases: bases.map((base) => `${user}/${base}`),
        mirror_whitelist: whitelist,
        mirror_whitelist_inheritance: inheritance,
      },
      'PATCH',
    )
    for (const [project, list = []] of Object.entries(own)) {
      const fields = plainFields({ ':action': 'submit', name: project, version: '0.1' })
      const parts = [
        fieldParts(fields),
        ...list.map((version) =>
          uploadParts(
            distribution(project, version, name),
            plainFields({ name: project, version }),
          ),
        ),
      ]
      for (const each of parts) {
        const { type, body } = makeForm(each)
        await send(`${url}${user}/${name}/`, {
          method: 'POST',
          headers: { ...headers, 'content-type': type },
          body: new Uint8Array(body),
        })
      }
    }
  }
  if (removed !== undefined)
    await send(`${url}${user}/${removed}`, { method: 'DELETE', headers: json })
}

/** What a page says to programs and to people, in a form that compares. */
async function read(url: string, user: string, index: string, project: string) {
  const page = `${url}${user}/${index}/+simple/${project}/`
  const program = await fetch(page, { headers: { accept: 'application/vnd.pypi.simple.v1+json' } })
  const person = await fetch(page, {
    headers: { accept: 'text/html', 'user-agent': 'Mozilla/5.0' },
  })
  const [text, html] = [await program.text(), person.ok ? await person.text() : '']
  const files = program.ok
    ? (JSON.parse(text) as { files: { url: string; filename: string }[] }).files
    : []
  const owned = files.map(({ url: link, filename }) => {
    const owner = new URL(link, page).pathname.split('/')[2]
    return { owner, filename }
  })
  return {
    status: [program.status, person.status],
    order: [...new Set(owned.map(({ owner }) => owner))],
    files: owned.map(({ owner, filename }) => `${owner} ${filename}`).toSorted(),
    people: [...html.matchAll(/^(?:.*\n?<body>)?(.*?)<a href[^>]*>([^<]*)/gm)].map(
      ([, before = '', name]) => `${before.split('>').at(-1)}${name}`,
    ),
    hasForm: html.includes('/refresh"') || html.includes('action="refresh"'),
    blocked: /no releases from <strong>([^<]*)</.exec(html)?.[1],
  }
}

/** The projects whose pages a mirror asked for. */
const asked = ({ upstreams }: Side, name: string): string[] =>
  PROJECTS.filter((project) => (upstreams[name]?.requestsTo(`/simple/${project}/`).length ?? 0) > 0)

// devpi-http 12: 105, 106, 107, 108, 110, 111, 112
test('every page of random trees of indexes is that of devpi-server', async () => {
  await using api = await startApi()
  await using devpi = await startDevpiServer()
  await makeStages(api.app.url, [])

  for (const [i, each] of fc.sample(tree, { seed: SEED, numRuns: TREES }).entries()) {
    await using stack = new AsyncDisposableStack()
    const sideAt = async (url: string): Promise<Side> => {
      const upstreams: Record<string, FakeUpstream> = {}
      for (const [name, projects] of Object.entries(each.upstream)) {
        const files = projects.flatMap((project) =>
          ['1.0', '3.0'].map((version) => distribution(project, version, name)),
        )
        upstreams[name] = stack.use(await startStaticIndex(files))
      }
      return { url, upstreams }
    }
    const [here, there] = [await sideAt(api.app.url), await sideAt(devpi.url())]
    const user = `user${i}`
    for (const side of [here, there]) await build(side, user, each)

    for (const index of [...STAGES, ...MIRRORS].filter((name) => name !== each.removed)) {
      for (const project of PROJECTS) {
        const [ours, theirs] = [
          await read(here.url, user, index, project),
          await read(there.url, user, index, project),
        ]
        // devpi looks at the first mirror alone to decide whether there is something to ask anew.
        const hasForm = theirs.hasForm || ours.hasForm
        assert.deepEqual(
          ours,
          { ...theirs, hasForm },
          `${user}/${index} ${project} ${JSON.stringify(each)}`,
        )
      }
    }
    for (const name of MIRRORS) {
      const more = asked(here, name).filter((project) => !asked(there, name).includes(project))
      assert.deepEqual(more, [], `${user}/${name} was asked for more ${JSON.stringify(each)}`)
    }
  }
})
