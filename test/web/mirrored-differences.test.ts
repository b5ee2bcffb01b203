/** Releases of a mirror compared: what is told of them upstream, and files that are not here. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { body, byPath, startFakeUpstream } from '../support/fake-upstream.ts'
import { getPage, linksIn, startWeb, textOf } from '../support/web.ts'
import { makeSdist, makeWheel } from '../support/wheel.ts'

const old = makeWheel('foo', '1.0', { requiresDist: ['chain>=1'] })
const now = makeWheel('foo', '2.0', { requiresDist: ['chain>=2'] })
const [oldSdist, nowSdist] = [makeSdist('foo', '1.0'), makeSdist('foo', '3.0')]
const files = [old, now, oldSdist, nowSdist]

test('releases of a mirror are compared by what their wheels say; no source distribution is fetched', async () => {
  const anchors = files.map(
    ({ filename, sha256 }) => `<a href="/f/${filename}#sha256=${sha256}">${filename}</a>`,
  )
  await using upstream = await startFakeUpstream(
    byPath({
      '/simple/foo/': body(anchors.join('\n')),
      ...Object.fromEntries(files.map(({ filename, bytes }) => [`/f/${filename}`, body(bytes)])),
    }),
  )
  await using api = await startWeb()
  await api.makeIndex('ada/mirror', { type: 'mirror', mirror_url: upstream.url('/simple/') })

  const wheels = await getPage(api, '/ada/mirror/foo/+diff/1.0/2.0')
  const sdists = await getPage(api, '/ada/mirror/foo/+diff/1.0/3.0')
  const [inside = ''] = linksIn(sdists.text).filter((link) => link.includes('before='))
  const absent = await getPage(api, inside)

  assert.match(textOf(wheels.text), /requires chain chain>=1 chain>=2/)
  assert.match(textOf(sdists.text), /metadata of one of them is not known here/)
  assert.match(textOf(absent.text), /foo-1\.0\.tar\.gz is not stored here yet/)
  assert.equal(upstream.requestsTo(`/f/${oldSdist.filename}`).length, 0)
})
