/** The pages that people look around on: start page, users, indexes, projects, releases. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { addRelease, getPage, linksIn, startWeb, textOf } from '../support/web.ts'

test('the start page lists users with their indexes, and where these inherit from', async () => {
  await using api = await startWeb()

  const page = await getPage(api, '/')

  assert.equal(page.status, 200)
  const links = linksIn(page.text)
  for (const path of ['/ada', '/ada/dev', '/team/prod']) assert.ok(links.includes(path), path)
  assert.match(textOf(page.text), /ada\/dev stage inherits from team\/prod/)
})

test('indexes stand in groups, in the order that custom_data says', async () => {
  await using api = await startWeb({ indexes: ['team/prod', 'ada/dev', 'zoe/main'] })
  const json = { custom_data: { group: 'Projects', order: 1 } }
  await api.patch('/zoe/main', { as: 'zoe', json })
  await api.patch('/team/prod', { as: 'team', json: { custom_data: '{"group": "Projects"}' } })

  const text = textOf((await getPage(api, '/')).text)

  const places = ['Projects', 'zoe/main', 'team/prod', 'ada/dev'].map((name) => text.indexOf(name))
  assert.deepEqual(
    places,
    places.toSorted((a, b) => a - b),
    text,
  )
})

test('an index shows its projects, bases, permissions and options', async () => {
  await using api = await startWeb()
  await addRelease(api, 'ada/dev', 'anchor', '1.0', { summary: 'Drops anchors' })
  await addRelease(api, 'ada/dev', 'anchor', '1.1rc1', { summary: 'Drops <big> anchors' })

  const page = await getPage(api, '/ada/dev')

  const text = textOf(page.text)
  assert.match(text, /anchor 1\.1rc1 Drops <big> anchors/)
  assert.match(text, /1\. ?|team\/prod stage/)
  assert.match(text, /upload ada/)
  assert.match(text, /volatile false/)
  assert.ok(linksIn(page.text).includes('/ada/dev/anchor/1.1rc1'))
})

test('a project shows the releases of an index and its bases, newest first, and where each is from', async () => {
  await using api = await startWeb()
  await addRelease(api, 'team/prod', 'anchor', '0.9')
  await addRelease(api, 'ada/dev', 'anchor', '1.0', { summary: 'Drops anchors' })

  const page = await getPage(api, '/ada/dev/anchor')

  const text = textOf(page.text)
  assert.match(text, /Latest release: anchor 1\.0/)
  assert.match(text, /1\.0 .*ada\/dev 0\.9 .*team\/prod/)
})

test('a release shows its files, its metadata, and how it is installed', async () => {
  await using api = await startWeb()
  const wheel = await addRelease(api, 'ada/dev', 'anchor', '1.0', {
    summary: 'Drops anchors',
    description: 'Weighs them, too.',
    author: 'Ada',
    author_email: 'ada@example.com',
    requires_dist: ['chain>=2; extra == "iron"'],
    classifiers: ['Programming Language :: Python :: 3'],
    project_urls: ['Source, https://example.com/anchor', 'Evil, javascript:alert(1)'],
  })

  const page = await getPage(api, '/ada/dev/anchor/1.0')

  const [text, links] = [textOf(page.text), linksIn(page.text)]
  assert.match(text, /Drops anchors/)
  assert.match(text, /Weighs them, too\./)
  assert.match(text, /chain >=2; extra == "iron"/)
  assert.match(text, /pip install --index-url http:\/\/\S+\/ada\/dev\/\+simple\/ anchor==1\.0/)
  assert.match(text, new RegExp(`--hash=sha256:${wheel.sha256}`))
  assert.ok(links.includes('https://example.com/anchor'))
  assert.ok(!links.some((link) => link.startsWith('javascript:')))
  const file = links.find((link) => link.includes(wheel.filename)) ?? ''
  assert.equal(file.split('#')[1], `sha256=${wheel.sha256}`)
  assert.deepEqual((await api.get(file.split('#')[0]!, { accept: '*/*' })).bytes, wheel.bytes)
})

test('latest and stable are names of releases; a name that is not normal is sent on', async () => {
  await using api = await startWeb()
  await addRelease(api, 'ada/dev', 'anchor', '1.0')
  await addRelease(api, 'ada/dev', 'anchor', '2.0a1')
  const heading = async (version: string) =>
    textOf((await getPage(api, `/ada/dev/anchor/${version}`)).text)

  assert.match(await heading('latest'), /anchor 2\.0a1/)
  assert.match(await heading('stable'), /anchor 1\.0/)
  const sent = await getPage(api, '/ada/dev/Anchor/1.0')
  assert.deepEqual([sent.status, sent.location], [302, '/ada/dev/anchor/1.0'])
  const slashed = await getPage(api, '/ada/dev/')
  assert.deepEqual([slashed.status, slashed.location], [302, '/ada/dev'])
})

test('a page is made once, sent again as 304, and made anew by the change that touches it', async () => {
  await using api = await startWeb()
  await addRelease(api, 'ada/dev', 'anchor', '1.0')
  const before = await getPage(api, '/ada/dev/anchor')
  const headers = { 'if-none-match': before.headers['etag'] ?? '' }

  const again = await getPage(api, '/ada/dev/anchor', { headers })
  await addRelease(api, 'ada/dev', 'anchor', '1.1')
  const after = await getPage(api, '/ada/dev/anchor', { headers })

  assert.equal(again.status, 304)
  assert.equal(after.status, 200)
  assert.match(textOf(after.text), /anchor 1\.1/)
})

test('what is not there is a page with status 404, the way there, and a search', async () => {
  await using api = await startWeb()

  const page = await getPage(api, '/ada/dev/nothing')

  assert.equal(page.status, 404)
  const links = linksIn(page.text)
  assert.ok(links.includes('/ada/dev') && links.includes('/+search?query=nothing'), String(links))
})

test('a page loads nothing from elsewhere, and runs nothing that is written in it', async () => {
  await using api = await startWeb()

  const page = await getPage(api, '/')

  const policy = page.headers['content-security-policy'] ?? ''
  assert.match(policy, /default-src 'none'/)
  assert.match(policy, /script-src 'self';/)
  assert.doesNotMatch(policy, /unsafe/)
  for (const [, address = ''] of page.text.matchAll(/(?:src|href)="([^"]*)"/g)) {
    assert.match(address, /^[/#]/)
  }
})

test('styles and scripts are kept for ever, under addresses that tell their content', async () => {
  await using api = await startWeb()
  const [, style = ''] = /href="([^"]*style\.css)"/.exec((await getPage(api, '/')).text) ?? []

  const sent = await api.get(style, { accept: '*/*' })

  assert.equal(sent.headers['content-type'], 'text/css; charset=utf-8')
  assert.match(sent.headers['cache-control'] ?? '', /immutable/)
  assert.equal((await api.get(style.replace('style.css', '../routes.ts'))).status, 404)
})

test('a description is shown as it is meant; its pictures are loaded only when the reader asks', async () => {
  await using api = await startWeb()
  await addRelease(api, 'ada/dev', 'anchor', '1.0', {
    description: '# Anchor\n\n![badge](https://example.com/badge.png)\n\n<script>alert(1)</script>',
    description_content_type: 'text/markdown; charset=UTF-8',
  })

  /** On a busy machine the first readers are shown it plain, and are told so. */
  const rendered = async (path: string) => {
    for (;;) {
      const page = await getPage(api, path)
      if (!page.text.includes('Look again in a moment')) return page
    }
  }

  const page = await rendered('/ada/dev/anchor/1.0')
  const withPictures = await rendered('/ada/dev/anchor/1.0?images=show')

  assert.match(page.text, /<h1[^>]*>Anchor<\/h1>/)
  assert.doesNotMatch(page.text, /<img [^>]*example\.com|<script>/)
  assert.ok(linksIn(page.text).includes('/ada/dev/anchor/1.0?images=show'))
  assert.match(withPictures.text, /<img [^>]*src="https:\/\/example\.com\/badge\.png"/)
  assert.match(withPictures.headers['content-security-policy'] ?? '', /img-src [^;]*https:/)
  assert.doesNotMatch(page.headers['content-security-policy'] ?? '', /img-src [^;]*https:/)
})
