/** Upstreams that tell no upload times and sizes: policies that look at them know them from the first page on. */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { utimes } from 'node:fs/promises'
import { test } from 'node:test'
import { startApi, type Api } from '../support/api.ts'
import { startApacheFiles, startNginxFiles, startPythonServer } from '../support/file-servers.ts'
import { startPypiserver } from '../support/upstream.ts'
import { makeSdist, makeWheel } from '../support/wheel.ts'

const SIMPLE = 'application/vnd.pypi.simple.v1+json'
const STAGE = 'ada/dev'

const old = ['1.0', '1.1', '1.2'].flatMap((version) => [
  makeWheel('anchor', version),
  makeSdist('anchor', version),
])
const young = ['2.0', '2.1', '2.2', '2.3'].flatMap((version) => [
  makeWheel('anchor', version),
  makeSdist('anchor', version),
])
const DAY_S = 24 * 3600

async function shown(api: Api): Promise<string[]> {
  const reply = await api.get(`/${STAGE}/+simple/anchor/`, { accept: SIMPLE })
  return reply.json.files.map(({ filename }: { filename: string }) => filename).sort()
}

const names = (files: readonly { readonly filename: string }[]): string[] =>
  files.map(({ filename }) => filename).sort()

for (const { server, start } of [
  { server: 'nginx', start: startNginxFiles },
  { server: 'Apache', start: startApacheFiles },
  { server: 'Python’s http.server', start: startPythonServer },
]) {
  test(`a cool-down goes by the times of a folder that ${server} lists, of sdists and old releases too`, async () => {
    const files = [...old, ...young]
    await using upstream = await start(
      Object.fromEntries(files.map(({ filename, bytes }) => [`wheels/${filename}`, bytes])),
    )
    for (const [some, days] of [
      [old, 400],
      [young, 2],
    ] as const) {
      const at = Date.now() / 1000 - days * DAY_S
      for (const { filename } of some) {
        await utimes(upstream.folder.join('files', 'wheels', filename), at, at)
      }
    }
    await using api = await startApi()
    const mirror = { type: 'mirror', mirror_url: upstream.url('wheels/'), mirror_layout: 'listing' }
    await api.makeIndex('ada/mirror', mirror)
    await api.makeIndex(STAGE, { bases: ['ada/mirror'], cooldown: '7d' })

    assert.deepEqual(await shown(api), names(old))
    const { result } = await api.get(`/${STAGE}/+explain/anchor`)
    assert.deepEqual([result.shown, result.hidden], [old.length, young.length])
  })
}

test('a limit of size knows the sizes of all that a pypiserver has', async () => {
  const padding = { 'anchor-3.0/data.bin': randomBytes(5000) }
  const large = makeSdist('anchor', '3.0', { extraFiles: padding })
  await using pypiserver = await startPypiserver([...old, large])
  await using api = await startApi()
  await api.makeIndex('ada/mirror', { type: 'mirror', mirror_url: pypiserver.url('simple/') })
  const limit = Math.max(...old.map(({ bytes }) => bytes.length))
  await api.makeIndex(STAGE, { bases: ['ada/mirror'], max_file_size: `${limit}B` })

  assert.deepEqual(await shown(api), names(old))
})
