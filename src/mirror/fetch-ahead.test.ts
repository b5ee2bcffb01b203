/** Wheels are here before an installer, which has resolved them, asks for them one after the other. */
import assert from 'node:assert/strict'
import { EventEmitter, once } from 'node:events'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import {
  body,
  byPath,
  notFound,
  ranged,
  startFakeUpstream,
} from '../../test/support/fake-upstream.ts'
import type { Answer, FakeUpstream } from '../../test/support/fake-upstream.ts'
import { makeMirrorRig, MIRROR, type MirrorRig } from '../../test/support/mirror.ts'
import { makeWheel, type Distribution } from '../../test/support/wheel.ts'

const projects = ['anchor', 'buoy', 'chain', 'dock', 'engine', 'flag']
const wheels = new Map(projects.map((project) => [project, makeWheel(project, '1.0')]))
const wheelOf = (project: string): Distribution => wheels.get(project)!

function answers(except: Readonly<Record<string, Answer>> = {}): Answer {
  const all: Record<string, Answer> = {}
  for (const [project, { filename, bytes }] of wheels) {
    all[`/simple/${project}/`] = body(`<a href="/files/${filename}">${filename}</a>`)
    all[`/files/${filename}`] = ranged(bytes)
  }
  return byPath({ ...all, ...except })
}

/** Tells how many wheels were asked for whole. */
async function startWatched(answer: Answer) {
  const news = new EventEmitter()
  const upstream = await startFakeUpstream((request, response) => {
    news.emit('request')
    return answer(request, response)
  })
  const untilFetched = async (count: number): Promise<void> => {
    while (fetched(upstream).length < count) await once(news, 'request')
  }
  return Object.assign(upstream, { untilFetched })
}

async function entryOf(rig: MirrorRig, project: string) {
  await rig.mirrors.freshen(MIRROR, project)
  const { filename } = wheelOf(project)
  return { filename, entry: (await rig.files(project))[filename]! }
}

async function resolve(rig: MirrorRig, reader: string): Promise<void> {
  for (const project of projects) {
    const { filename, entry } = await entryOf(rig, project)
    await rig.mirrors.openMetadata(MIRROR, project, filename, entry, reader)
  }
}

async function fetchWheel(rig: MirrorRig, project: string, reader: string): Promise<void> {
  const { filename, entry } = await entryOf(rig, project)
  const file = await rig.mirrors.openFile(MIRROR, project, filename, entry, reader)
  await text(await file.open())
}

/** Projects whose wheels were asked for whole, in that order. */
const fetched = ({ requests }: FakeUpstream): string[] =>
  requests
    .filter(({ path, headers }) => path.endsWith('.whl') && headers.range === undefined)
    .map(({ path }) => projects.find((project) => path.includes(`/${project}-`))!)

/** What is under way comes to its end: whoever asks for it waits for it. */
async function settle(rig: MirrorRig, names: readonly string[]): Promise<void> {
  for (const project of names) {
    const { filename, entry } = await entryOf(rig, project)
    await rig.mirrors.keepFile(MIRROR, project, filename, entry)
  }
}

test('whoever fetches the first of what it resolved has the next three underway', async () => {
  await using upstream = await startWatched(answers())
  await using rig = await makeMirrorRig(upstream.url('simple'), { makesAhead: true })
  await resolve(rig, 'ada')
  assert.deepEqual(fetched(upstream), [])

  await fetchWheel(rig, 'anchor', 'ada')
  await upstream.untilFetched(4)
  await settle(rig, ['buoy', 'chain', 'dock'])
  assert.deepEqual(fetched(upstream).toSorted(), ['anchor', 'buoy', 'chain', 'dock'])

  await fetchWheel(rig, 'buoy', 'ada')
  await upstream.untilFetched(5)
  await settle(rig, ['engine'])
  await rig.mirrors.close()
  assert.deepEqual(fetched(upstream).toSorted(), ['anchor', 'buoy', 'chain', 'dock', 'engine'])
})

test('who only resolves fetches nothing, also while another fetches', async () => {
  await using upstream = await startWatched(answers())
  await using rig = await makeMirrorRig(upstream.url('simple'), { makesAhead: true })
  await resolve(rig, 'ada')

  await fetchWheel(rig, 'anchor', 'grace')
  await rig.mirrors.close()

  assert.deepEqual(fetched(upstream), ['anchor'])
})

test('where what is asked for is here, nothing is fetched for anybody', async () => {
  await using upstream = await startWatched(answers())
  await using rig = await makeMirrorRig(upstream.url('simple'), { makesAhead: true })
  await settle(rig, ['anchor'])
  await resolve(rig, 'ada')

  await fetchWheel(rig, 'anchor', 'ada')
  await rig.mirrors.close()

  assert.deepEqual(fetched(upstream), ['anchor'])
})

test('one that fails stops nothing, and is told to who asks for it', async () => {
  const { filename, bytes } = wheelOf('buoy')
  const partsOnly: Answer = (request, response) =>
    (request.headers.range === undefined ? notFound : ranged(bytes))(request, response)
  await using upstream = await startWatched(answers({ [`/files/${filename}`]: partsOnly }))
  await using rig = await makeMirrorRig(upstream.url('simple'), { makesAhead: true })
  await resolve(rig, 'ada')

  await fetchWheel(rig, 'anchor', 'ada')
  await upstream.untilFetched(4)
  await settle(rig, ['chain', 'dock'])

  await assert.rejects(fetchWheel(rig, 'buoy', 'ada'), /404/)
})
