/** Search for people, and the diagrams of how indexes inherit. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { makeDocs, sendDocs } from '../support/docs.ts'
import { addRelease, getPage, linksIn, startWeb, textOf } from '../support/web.ts'

async function start() {
  const api = await startWeb()
  await addRelease(api, 'ada/dev', 'anchor', '1.0', { summary: 'Drops <anchors> on the ground' })
  await sendDocs(
    api,
    makeDocs({ 'index.html': '<title>Manual</title><body>How to weigh</body>' }),
    {
      name: 'anchor',
      version: '1.0',
    },
  )
  await addRelease(api, 'team/prod', 'chain', '2.0')
  await api.app.search.caughtUp()
  return api
}

test('what was found stands by project, with the words marked and the way there', async () => {
  await using api = await start()

  const page = await getPage(api, '/+search?query=ground')

  assert.match(
    textOf(page.text),
    /1 project anchor 1\.0 on ada\/dev .*Drops <anchors> on the ground/,
  )
  assert.match(page.text, /<mark>ground<\/mark>/)
  const links = linksIn(page.text)
  assert.ok(links.includes('/ada/dev/anchor/1.0'))
  assert.ok(links.includes('/ada/dev/anchor/1.0#summary'))
  assert.match(page.text, /<input [^>]*value="ground"/)
})

test('an author is found at the facts of a release, a file at its project', async () => {
  await using api = await start()
  await addRelease(api, 'ada/dev', 'rope', '1.0')
  await addRelease(api, 'ada/dev', 'rope', '2.0', { author: 'Lovelace' })
  await api.app.search.caughtUp()

  const { text: author } = await getPage(api, '/+search?query=lovelace')
  const [facts = ''] = linksIn(author).filter((link) => /^\/ada.*#/.test(link))
  const [release, anchor] = facts.split('#')
  assert.match(release!, /^\/ada\/dev\/rope\/\d/)
  assert.ok((await getPage(api, release!)).text.includes(`id="${anchor}"`))
  const { text: file } = await getPage(api, '/+search?query=rope-1.0')
  assert.ok(linksIn(file).includes('/ada/dev/rope'))
})

test('documentation is found, and opens in its frame', async () => {
  await using api = await start()

  const page = await getPage(api, '/+search?query=weigh')

  assert.ok(linksIn(page.text).includes('/ada/dev/anchor/1.0/+d/index.html'))
})

test('a query that matches nothing says so and helps; an odd page number is the first page', async () => {
  await using api = await start()

  const nothing = textOf((await getPage(api, '/+search?query=anchr')).text)
  const empty = await getPage(api, '/+search?query=')
  const odd = await getPage(api, '/+search?query=anchor&page=x')

  assert.match(nothing, /Your search anchr did not match anything\. Did you mean anchor/)
  assert.equal(empty.status, 200)
  assert.match(textOf(odd.text), /anchor 1\.0/)
  assert.equal((await getPage(api, '/+searchhelp')).status, 200)
})

test('pages of results are linked: the first, those around this one, the last', async () => {
  await using api = await startWeb()
  for (let at = 0; at < 25; at++) await addRelease(api, 'ada/dev', `boat-${at}`, '1.0')
  await api.app.search.caughtUp()

  const second = await getPage(api, '/+search?query=boat&page=2')

  const [, paging = ''] = second.text.split('<nav class="paging"')
  const links = linksIn(paging).filter((link) => link.startsWith('/+search?'))
  const [first, last] = ['/+search?query=boat', '/+search?query=boat&page=3']
  assert.deepEqual(links, [first, first, last, last])
})

test('an index shows how it inherits, as a drawing whose boxes are links and as lists', async () => {
  await using api = await start()

  const page = await getPage(api, '/ada/dev')
  const all = await getPage(api, '/+inheritance')

  for (const { text } of [page, all]) {
    assert.match(text, /<svg[\s\S]*<a [^>]*href="\/team\/prod"/)
  }
  await api.makeIndex('team/gone', { volatile: true })
  await api.patch('/ada/dev', { as: 'ada', json: ['bases=team/prod,team/gone'] })
  await api.del('/team/gone', { as: 'team' })
  assert.match(textOf((await getPage(api, '/ada/dev')).text), /no index team\/gone/)
})
