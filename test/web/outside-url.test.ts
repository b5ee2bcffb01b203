/** Pages behind a proxy that serves Wheelyard below a path. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { makeDocs, sendDocs } from '../support/docs.ts'
import { addRelease, getPage, startWeb } from '../support/web.ts'

test('every link, form, style and script of a page lies below the outside URL', async () => {
  await using api = await startWeb()
  const wheel = await addRelease(api, 'ada/dev', 'anchor', '1.0', {
    requires_dist: ['chain>=2'],
    description: 'See [it](#part)\n\n# Part',
    description_content_type: 'text/markdown',
  })
  await addRelease(api, 'ada/dev', 'anchor', '1.1')
  await sendDocs(api, makeDocs(), { name: 'anchor', version: '1.0' })
  await api.app.search.caughtUp()
  const pages = [
    ...['/', '/ada', '/ada/dev', '/ada/dev/anchor', '/ada/dev/anchor/1.0', '/nothing', '/+status'],
    ...['/+search?query=anchor', '/+searchhelp', '/+inheritance', '/ada/dev/+explain/anchor'],
    ...['/ada/dev/anchor/1.0/+d/index.html', '/ada/dev/anchor/+diff/1.0/1.1', '/+login'],
    `/ada/dev/anchor/1.0/+contents/${wheel.filename}`,
    `/ada/dev/anchor/1.0/+toxresults/${wheel.filename}`,
  ]
  const headers = { 'x-outside-url': 'https://yard.example.org/below' }

  for (const as of [undefined, 'ada']) {
    for (const path of pages) {
      const { text } = await getPage(api, path, { headers, ...(as && { as }) })
      const addresses = [...text.matchAll(/(?:href|src|action|data-[a-z]+)="(\/[^"]*)"/g)]
      assert.ok(addresses.length > 3, path)
      for (const [, address = ''] of addresses)
        assert.match(address, /^\/below(\/|$)/, `${path}: ${address}`)
    }
  }
  const feed = await api.get('/ada/dev/+feed', { headers, accept: '*/*' })
  assert.match(feed.text, /href="https:\/\/yard\.example\.org\/below\/ada\/dev\/anchor\/1\.0"/)
  assert.match(feed.text, /href="https:\/\/yard\.example\.org\/below\/ada\/dev\/\+feed"/)
})
