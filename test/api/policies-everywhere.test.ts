/** What a policy hides is nowhere: in no list, no JSON and no search, with none of what belongs to it. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Json } from '../support/api.ts'
import {
  POLICED_MIRROR as MIRROR,
  POLICED_STAGE as STAGE,
  SIMPLE_JSON,
  startPolicedWorld,
  type PolicedWorld,
} from '../support/policies.ts'
import { pathOf } from '../support/push.ts'
import { sendToxresult } from '../support/toxresults.ts'
import { sendFile } from '../support/upload.ts'
import { makeWheel } from '../support/wheel.ts'

const kept = makeWheel('anchor', '1.0')
const hidden = makeWheel('anchor', '2.0')
const ownKept = makeWheel('own', '1.0')
const ownHidden = makeWheel('own', '2.0')
const gone = makeWheel('gone', '1.0')

/** A mirror's project and own ones, of each the second version hidden; `gone` has nothing that is shown. */
async function start(): Promise<PolicedWorld> {
  const world = await startPolicedWorld({ anchor: [{ built: kept }, { built: hidden }] })
  for (const [file, name, version, summary] of [
    [ownKept, 'own', '1.0', 'old words'],
    [ownHidden, 'own', '2.0', 'new words'],
    [gone, 'gone', '1.0', 'words of no use'],
  ] as const) {
    const fields = { name, version, summary, metadata_version: '2.1' }
    const { status, text } = await sendFile(world.api, STAGE, file, fields)
    assert.equal(status, 200, text)
  }
  const url = `/${pathOf(ownHidden, STAGE)}`
  assert.equal((await sendToxresult(world.api, url)).status, 200)
  await world.set({ deny: ['anchor==2.0', 'own==2.0', 'gone'] })
  return world
}

test('JSON of projects and releases has neither hidden files nor their test results', async () => {
  await using world = await start()
  for (const project of ['anchor', 'own']) {
    const { result } = await world.api.get(`/${STAGE}/${project}`)
    assert.deepEqual(Object.keys(result), ['1.0'], project)
  }
  assert.equal((await world.api.get(`/${STAGE}/own/2.0`)).status, 404)
  assert.deepEqual((await world.api.get(`/${STAGE}/gone`)).result, {})
})

test('PyPI’s JSON has only what is shown, and nothing of a release that is hidden', async () => {
  await using world = await start()
  for (const project of ['anchor', 'own']) {
    const { json } = await world.api.get(`/${STAGE}/pypi/${project}/json`)
    assert.deepEqual([json.info.version, Object.keys(json.releases)], ['1.0', ['1.0']], project)
    assert.doesNotMatch(JSON.stringify(json), /2\.0/)
    assert.equal((await world.api.get(`/${STAGE}/pypi/${project}/2.0/json`)).status, 404)
  }
})

test('a search finds projects by what is shown of them', async () => {
  await using world = await start()
  const search = async (field: string, word: string): Promise<string[]> => {
    const words = `<array><data><value><string>${word}</string></value></data></array>`
    const query = `<struct><member><name>${field}</name><value>${words}</value></member></struct>`
    const body = `<?xml version='1.0'?><methodCall><methodName>search</methodName><params><param><value>${query}</value></param></params></methodCall>`
    const headers = { 'content-type': 'text/xml' }
    const { text } = await world.api.post(`/${STAGE}`, { accept: '*/*', headers, body })
    const fieldOf = (one: string, name: string) =>
      new RegExp(`<name>${name}</name>\n<value><string>([^<]*)<`).exec(one)?.[1]
    return text
      .split('<struct>')
      .slice(1)
      .map((one) => `${fieldOf(one, 'name')} ${fieldOf(one, 'version')}`)
  }
  await world.shown('anchor')
  assert.deepEqual(await search('name', 'anchor'), ['anchor 1.0'])
  assert.deepEqual(await search('name', 'own'), ['own 1.0'])
  assert.deepEqual(await search('summary', 'old'), [], 'a summary is that of the newest release')
  assert.deepEqual(await search('summary', 'new'), [])
  assert.deepEqual(await search('summary', 'words'), ['own 1.0'])
  assert.deepEqual(await search('name', 'gone'), [])
})

test('the search of all indexes shows no release that a policy hides, and none of its words', async () => {
  await using world = await start()
  await world.shown('anchor')
  await world.api.app.search.caughtUp()
  const search = async (query: string): Promise<string[]> => {
    const url = `/+search?query=${encodeURIComponent(`${query} path:/${STAGE}`)}`
    const { result } = (await world.api.get(url)).json
    return result.items.map(({ title }: Json) => title)
  }

  assert.deepEqual(await search('own'), ['own-1.0'])
  assert.deepEqual(await search('words'), [], 'of a project the newest release is indexed')
  assert.deepEqual(await search('new'), [])
  assert.deepEqual(await search('gone'), [])
})

test('"+own" and "+stages" hide what the policies of their index hide', async () => {
  await using world = await start()
  for (const folder of ['+own', '+stages', '+simple']) {
    const { json } = await world.api.get(`/${STAGE}/${folder}/own/`, { accept: SIMPLE_JSON })
    const files = json.files.map(({ filename }: Json) => filename)
    assert.deepEqual(files, [ownKept.filename], folder)
    assert.deepEqual(json.versions, ['1.0'], folder)
  }
  await world.set({ deny: 'anchor==2.0' }, MIRROR)
  await world.shown('anchor', MIRROR)
  const { json } = await world.api.get(`/${MIRROR}/+own/anchor/`, { accept: SIMPLE_JSON })
  assert.deepEqual(json.versions, ['1.0'])
})

test('metadata of a hidden wheel, and what is known of it, are refused as the file is', async () => {
  await using world = await start()
  const path = `/${pathOf(ownHidden, STAGE)}`
  for (const address of [path, `${path}.metadata`]) {
    for (const accept of ['*/*', 'application/json']) {
      assert.equal((await world.api.get(address, { accept })).status, 403, `${address} ${accept}`)
    }
  }
})
