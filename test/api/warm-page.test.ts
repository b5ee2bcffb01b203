/** A page that is here is answered without waiting for anything: the hottest path there is. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemClock } from '#base/clock'
import type { Parts } from '#api/parts'
import { simpleRoutes } from '#api/simple'
import type { Answer, Call } from '#http/route'
import { createIndex } from '#registry/index-changes'
import { keys } from '#registry/keys'
import { Policies } from '#registry/policies'
import { PageCache } from '#simple/page-cache'
import { body, byPath, startFakeUpstream } from '../support/fake-upstream.ts'
import { makeMirrorRig, MIRROR } from '../support/mirror.ts'

const PAGE = '/:user/:index/+simple/:project/'
const FILES = Array.from({ length: 50 }, (_, i) => `foo-1.${i}-py3-none-any.whl`)

test('a kept page is answered at once, mirrored and compressed too', async () => {
  const links = FILES.map((name) => `<a href="/f/${name}#sha256=${'a'.repeat(64)}">${name}</a>`)
  await using upstream = await startFakeUpstream(byPath({ '/simple/foo/': body(links.join('\n')) }))
  await using rig = await makeMirrorRig(upstream.url('/simple/'))
  const { ledger, mirrors } = rig
  await ledger.write('test', async (tx) => {
    tx.set(keys.user('ada'), { created: 'now' } as never)
    await createIndex(tx, 'ada', 'dev', { bases: [MIRROR] })
  })
  const pages = new PageCache(ledger, 10_000_000)
  const policies = new Policies([], systemClock)
  const server = { absoluteUrls: false }
  const routes = simpleRoutes({ ledger, mirrors, pages, policies, server } as Parts)
  const { handle } = routes.find(({ path }) => path === PAGE)!
  const ask = (index: string, headers: Record<string, string>) => {
    const [user, name] = index.split('/') as [string, string]
    const params = { user, index: name, project: 'foo' }
    return handle({ params, headers, raw: {} } as unknown as Call)
  }

  for (const index of [MIRROR, 'ada/dev']) {
    for (const headers of [{}, { 'accept-encoding': 'gzip' }, { 'if-none-match': '*' }]) {
      await ask(index, headers)
      const answer = ask(index, headers)
      assert.ok(!(answer instanceof Promise), `${index} ${JSON.stringify(headers)}`)
      assert.equal((answer as Answer).status, 'if-none-match' in headers ? 304 : 200)
    }
  }
  assert.equal(upstream.requestsTo('/simple/foo/').length, 1)
  pages.close()
})
