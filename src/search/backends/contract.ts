/** The suite that every search backend must pass. */
import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import fc from 'fast-check'
import { type Fit, type IndexedProject, type SearchReader, type SearchWriter } from '../backend.ts'
import { find } from '../finder.ts'
import { parseQuery } from '../query-parser.ts'

export interface OpenBackend extends AsyncDisposable {
  readonly writer: SearchWriter
  readonly reader: SearchReader
  /** Another writer of the same index, as another process has it. */
  another(): SearchWriter
  /** Takes the stored index away while it is open. */
  takeAway(): Promise<void>
  /** Makes the stored index unreadable. */
  damage(): Promise<void>
}

const HOLDER = 'this process'
const NOW = 1_700_000_000_000

const project = (name: string, more: Partial<IndexedProject> = {}): IndexedProject => ({
  index: 'ada/dev',
  project: name,
  spelling: name,
  version: '1.0',
  docsVersion: undefined,
  summary: '',
  serial: 1,
  classifiers: [],
  keywords: [],
  documents: [],
  ...more,
})

const summary = (text: string) => [{ type: 'summary', text }] as const

export function searchBackendContract(name: string, open: () => Promise<OpenBackend>): void {
  suite(`${name} as a search backend`, () => {
    findingContract(open)
    fieldsContract(open)
    changingContract(open)
    namesContract(open)
    processesContract(open)
  })
}

async function openFilled(
  open: () => Promise<OpenBackend>,
  put: readonly IndexedProject[],
): Promise<OpenBackend> {
  const backend = await open()
  assert.ok(await backend.writer.lease(HOLDER, NOW, NOW + 1000))
  await backend.writer.store({ put, progress: { serial: 7, hash: 'abc', walk: undefined } })
  return backend
}

/** `PROJECT TYPE` of what answers, as the backend orders it. */
async function answers(
  { reader }: OpenBackend,
  query: string,
  { fit = 'part' as Fit, indexes = ['ada/dev', 'ada/other'], most = 100 } = {},
): Promise<string[]> {
  const { node } = parseQuery(query)
  const wanted = { node, fit, indexes, most }
  const names = await reader.find({ ...wanted, among: 'names' })
  const texts = await reader.find({ ...wanted, among: 'texts' })
  return [...names, ...texts].map((one) => `${one.project} ${one.type}`)
}

function findingContract(open: () => Promise<OpenBackend>): void {
  const fleet = [
    project('big-boat', { documents: summary('floats on water') }),
    project('boats', { documents: summary('underwater waters') }),
    project('raft', { documents: [...summary('no boat'), { type: 'description', text: 'a b c' }] }),
  ]

  test('parts of words are found, down to two letters and in any case', async () => {
    await using backend = await openFilled(open, fleet)

    assert.deepEqual(await answers(backend, 'boat'), [
      'boats project',
      'big-boat project',
      'raft summary',
    ])
    assert.deepEqual(await answers(backend, 'OAT'), [
      ...['boats project', 'big-boat project', 'big-boat summary', 'raft summary'],
    ])
    assert.deepEqual(await answers(backend, 'Big_Boat OR big.boa'), ['big-boat project'])
    assert.deepEqual(await answers(backend, 'ts'), ['boats project', 'big-boat summary'])
    assert.deepEqual(await answers(backend, 'nope'), [])
  })

  test('words fit as a whole, at their start, or in part', async () => {
    await using backend = await openFilled(open, fleet)
    const fitting = (fit: Fit) => answers(backend, 'water', { fit })

    assert.deepEqual(await fitting('whole'), ['big-boat summary'])
    assert.deepEqual(await fitting('start'), ['big-boat summary', 'boats summary'])
    assert.deepEqual(await fitting('part'), ['big-boat summary', 'boats summary'])
    assert.deepEqual(await answers(backend, 'under', { fit: 'start' }), ['boats summary'])
    assert.deepEqual(await answers(backend, 'derwater*'), [])
  })

  test('operators are those of sets', async () => {
    await using backend = await openFilled(open, fleet)

    assert.deepEqual(await answers(backend, 'big boat'), ['big-boat project'])
    assert.deepEqual(await answers(backend, 'floats OR raft'), ['raft project', 'big-boat summary'])
    assert.deepEqual(await answers(backend, 'boat NOT big'), ['boats project', 'raft summary'])
    assert.deepEqual(await answers(backend, 'water NOT under type:summary'), ['big-boat summary'])
    assert.deepEqual(await answers(backend, 'floats OR (name:raft type:project)'), [
      ...['raft project', 'big-boat summary'],
    ])
    assert.deepEqual(await answers(backend, 'NOT (boat OR water)'), [
      ...['raft project', 'raft description'],
    ])
    assert.deepEqual(await answers(backend, 'b'), ['raft description'])
  })

  test('only readable indexes are looked into, and no more is told than was asked for', async () => {
    await using backend = await openFilled(open, [
      ...fleet,
      project('boat', { index: 'ada/other', documents: summary('a boat') }),
    ])

    assert.equal((await answers(backend, 'boat')).length, 5)
    assert.deepEqual(await answers(backend, 'boat', { indexes: ['ada/other'] }), [
      ...['boat project', 'boat summary'],
    ])
    assert.deepEqual(await answers(backend, 'boat', { indexes: [] }), [])
    assert.deepEqual(await answers(backend, 'boat', { most: 1 }), ['boat project', 'raft summary'])
  })

  test('whatever is asked is answered', async () => {
    await using backend = await openFilled(open, fleet)
    const piece = fc.constantFrom(
      ...['(', ')', ' ', '"', "'", 'AND', 'OR', 'NOT', 'ANDMAYBE', '*', '^2', ':', '-', '.', 'a'],
      ...['name:', 'path:/ada/dev', 'type:', 'type:page', 'serial:1', 'user:ada', 'index:d*'],
      ...['classifiers:', 'boat', 'NEAR', 'rowid', '%', '\\', ';', '\u{1F600}', 'é', 'ab', '\0'],
    )
    const query = fc.oneof(
      fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join('')),
      fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join(' ')),
      fc.string({ unit: 'binary', maxLength: 60 }),
    )
    await fc.assert(
      fc.asyncProperty(query, async (text) => {
        const { found, page } = await find(backend.reader, { text, page: 1, indexes: ['ada/dev'] })
        assert.ok(found >= 0 && page === 1)
      }),
      { numRuns: 300 },
    )
  })
}

const compare = (a: string, b: string): number => (a < b ? -1 : 1)

function fieldsContract(open: () => Promise<OpenBackend>): void {
  const packages = [
    project('py-test', {
      classifiers: ['framework :: django', 'framework', 'django'],
      keywords: ['testing'],
      documents: summary('x1'),
    }),
    project('py-tools', { index: 'ada/other', serial: 9, documents: summary('x1') }),
    project('other', { index: 'bob/dev', documents: summary('x1') }),
  ]
  const found: readonly (readonly [query: string, projects: string])[] = [
    ['name:py-test', 'py-test'],
    ['name:Py_Test', 'py-test'],
    ['name:py*', 'py-test py-tools'],
    ['user:ada', 'py-test py-tools'],
    ['user:a*', 'py-test py-tools'],
    ['index:dev', 'other py-test'],
    ['path:/ada/dev/py-test', 'py-test'],
    ['path:/ada/dev/py-*', 'py-test'],
    ['path:/ada/dev', 'py-test'],
    ['path:/ada/dev/*', 'py-test'],
    ['path:/ada/*', 'py-test py-tools'],
    ['path:/ada/dev/py', ''],
    ['path:/*', 'other py-test py-tools'],
    ['path:nowhere', ''],
    ["classifiers:'Framework :: Django'", 'py-test'],
    ['classifiers:Django', 'py-test'],
    ['classifiers:fram*', 'py-test'],
    ['keywords:testing', 'py-test'],
    ['serial:9', 'py-tools'],
    ['type:nope', ''],
    ['NOT user:ada', 'other'],
  ]

  test('fields hold for all documents of a project', async () => {
    await using backend = await openFilled(open, packages)

    for (const [query, projects] of found) {
      for (const type of ['project', 'summary']) {
        const indexes = ['ada/dev', 'ada/other', 'bob/dev']
        const lines = await answers(backend, `${query} type:${type}`, { indexes })
        const names = lines.map((line) => line.split(' ')[0] ?? '').sort(compare)
        assert.equal(names.join(' '), projects, `${query} type:${type}`)
      }
    }
  })
}

function changingContract(open: () => Promise<OpenBackend>): void {
  test('what is put replaces what was there, and what is removed is gone', async () => {
    await using backend = await openFilled(open, [project('boat', { documents: summary('old') })])
    const { writer, reader } = backend
    const place = { index: 'ada/dev', project: 'boat' }

    await writer.store({ put: [project('boat', { version: '2.0', documents: summary('new') })] })
    assert.deepEqual(await answers(backend, 'old OR new'), ['boat summary'])
    assert.deepEqual(await answers(backend, 'old'), [])
    const [owner] = await reader.find({
      ...{ node: parseQuery('boat').node, fit: 'part', among: 'names', most: 1 },
      indexes: ['ada/dev'],
    })
    assert.equal((await reader.readProjects([owner?.id ?? 0])).get(owner?.id ?? 0)?.version, '2.0')

    await writer.store({ remove: [place, { ...place, project: 'never-there' }] })
    assert.deepEqual(await answers(backend, 'old OR new OR boat'), [])
    assert.deepEqual(await reader.counts(), { projects: 0, documents: 0 })
  })

  test('progress is remembered, and what could not be read', async () => {
    await using backend = await openFilled(open, [])
    const { writer, reader } = backend
    const owed = { index: 'ada/dev', project: 'boat' }

    assert.deepEqual(await writer.progress(), { serial: 7, hash: 'abc', walk: undefined })
    await writer.store({ owe: [owed], progress: { serial: 8, hash: 'd', walk: 'ada/dev/b' } })
    assert.deepEqual(await writer.progress(), { serial: 8, hash: 'd', walk: 'ada/dev/b' })
    assert.deepEqual(await writer.listOwed(), [owed])
    assert.deepEqual(await reader.standing(), { serial: 8, isWalking: true, owed: 1 })
    await writer.store({ put: [project('boat')] })
    assert.deepEqual(await writer.listOwed(), [])
  })

  test('an index goes in portions', async () => {
    const names = ['alpha', 'beta', 'gamma']
    await using backend = await openFilled(
      open,
      names.map((name) => project(name)),
    )
    const { writer } = backend

    assert.equal(await writer.removeSome('ada/dev', 2), true)
    assert.equal((await writer.listKnown('ada/dev', '', 10)).length, 1)
    assert.equal(await writer.removeSome('ada/dev', 2), true)
    assert.equal(await writer.removeSome('ada/dev', 2), false)
    assert.deepEqual(await writer.listIndexes(), [])
    assert.equal(await writer.removeSome('ada/dev', 2), false)
  })

  test('what has been tidied comes to an end, and is found as before', async () => {
    await using backend = await openFilled(open, [])
    const { writer } = backend
    const names = Array.from({ length: 300 }, (_, at) => `boat-${at}`)
    for (const name of names) await writer.store({ put: [project(name)] })
    await writer.store({ remove: [{ index: 'ada/dev', project: 'boat-7' }] })

    let steps = 0
    for (let isMore = await writer.tidy('begin'); isMore; isMore = await writer.tidy('go on')) {
      assert.ok(++steps < 100)
    }
    assert.deepEqual(await answers(backend, 'boat-299'), ['boat-299 project'])
    assert.deepEqual(await answers(backend, 'boat-7 name:boat-7'), [])
    assert.equal((await writer.listKnown('ada/dev', '', 1000)).length, 299)
  })
}

function namesContract(open: () => Promise<OpenBackend>): void {
  test('names of upstream stand beside what the ledger has, and neither removes the other', async () => {
    await using backend = await openFilled(open, [project('boat')])
    const { writer } = backend

    await writer.addNames('ada/dev', ['boat', 'oar', 'raft'])
    assert.deepEqual(await writer.listListed('ada/dev', '', 2), ['boat', 'oar'])
    assert.deepEqual(await writer.listListed('ada/dev', 'oar', 2), ['raft'])
    assert.deepEqual(await writer.listKnown('ada/dev', '', 10), ['boat'])
    await writer.removeNames('ada/dev', ['boat', 'oar'])
    assert.deepEqual(await answers(backend, 'oa OR raft'), ['boat project', 'raft project'])
    await writer.addNames('ada/dev', ['boat'])
    await writer.store({ remove: [{ index: 'ada/dev', project: 'boat' }] })
    assert.deepEqual(await answers(backend, 'boat'), ['boat project'])
    await writer.removeNames('ada/dev', ['boat'])
    assert.deepEqual(await answers(backend, 'boat'), [])
  })

  test('which list of names is in is remembered', async () => {
    await using backend = await openFilled(open, [])
    const { writer } = backend

    assert.equal(await writer.namesToken('ada/dev'), undefined)
    await writer.setNamesToken('ada/dev', 'one')
    assert.equal(await writer.namesToken('ada/dev'), 'one')
    await writer.wantRebuild()
    assert.equal(await writer.isRebuildWanted(), true)
    await writer.forgetRebuild()
    assert.equal(await writer.isRebuildWanted(), false)
    assert.equal(await writer.namesToken('ada/dev'), undefined)
  })
}

function processesContract(open: () => Promise<OpenBackend>): void {
  test('one process writes at a time, and another takes over when it has gone', async () => {
    await using backend = await openFilled(open, [])
    const { writer } = backend
    const other = backend.another()

    assert.equal(await other.lease('other', NOW, NOW + 1000), false)
    assert.equal(await writer.lease(HOLDER, NOW + 500, NOW + 1500), true)
    assert.equal(await other.lease('other', NOW + 1200, NOW + 3000), false)
    assert.equal(await other.lease('other', NOW + 1600, NOW + 3000), true)
    await assert.rejects(writer.store({ put: [project('boat')] }), /another process/)
    await other.store({ put: [project('raft')] })
    await other.close()
    assert.equal(await writer.lease(HOLDER, NOW + 1700, NOW + 2700), true)
    assert.deepEqual(await answers(backend, 'boat OR raft'), ['raft project'])
  })

  test('an index that is taken away is empty, and can be filled again', async () => {
    await using backend = await openFilled(open, [project('boat')])
    const { writer } = backend

    await backend.takeAway()
    assert.deepEqual(await answers(backend, 'boat'), [])
    assert.equal(await backend.reader.standing(), undefined)
    assert.equal(await writer.lease(HOLDER, NOW, NOW + 1000), true)
    assert.equal(await writer.progress(), undefined)
    await writer.store({ put: [project('raft')], progress: { serial: 1, hash: '', walk: '' } })
    assert.deepEqual(await answers(backend, 'boat OR raft'), ['raft project'])
  })

  test('an index that is damaged is begun anew', async () => {
    await using backend = await openFilled(open, [project('boat')])
    const { writer } = backend

    await backend.damage()
    const anew = backend.another()
    assert.equal(await anew.lease('other', NOW + 2000, NOW + 3000), true)
    assert.equal(await anew.progress(), undefined)
    await anew.close()
    await writer.beginAnew()
    assert.equal(await writer.lease(HOLDER, NOW, NOW + 1000), true)
    assert.deepEqual(await answers(backend, 'boat'), [])
  })
}
