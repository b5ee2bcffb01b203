/** Documentation inside the site's frame. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { asDocs, makeDocs, sendDocs, zipOf } from '../support/docs.ts'
import { addRelease, getPage, linksIn, startWeb, textOf } from '../support/web.ts'

const docs = makeDocs({ 'index.html': '<h1>Hello</h1>', 'deep/page.html': '<p>Deep</p>' })

test('the frame shows a page of the documentation in a box, with the way back to the release', async () => {
  await using api = await startWeb()
  await addRelease(api, 'ada/dev', 'anchor', '1.0')
  await sendDocs(api, docs, { name: 'anchor', version: '1.0' })

  const start = await getPage(api, '/ada/dev/anchor/1.0/+d/index.html')
  const deep = await getPage(api, '/ada/dev/anchor/1.0/+d/deep/page.html?q=x&y')

  assert.match(start.text, /<iframe [^>]*src="\/ada\/dev\/anchor\/1\.0\/\+doc\/index\.html"/)
  assert.match(start.text, /<iframe [^>]*sandbox="(?!.*allow-same-origin)/)
  assert.match(deep.text, /src="\/ada\/dev\/anchor\/1\.0\/\+doc\/deep\/page\.html\?q=x&amp;y="/)
  assert.ok(linksIn(start.text).includes('/ada/dev/anchor/1.0'))
})

test('what lacks a page goes to its start; a page that is not there is none', async () => {
  await using api = await startWeb()
  await sendDocs(api, docs, { name: 'anchor', version: '1.0' })

  const bare = await getPage(api, '/ada/dev/anchor/1.0/+d/')
  const none = await getPage(api, '/ada/dev/anchor/1.0/+d/none.html')

  assert.deepEqual([bare.status, bare.location], [302, '/ada/dev/anchor/1.0/+d/index.html'])
  assert.equal(none.status, 404)
})

test('where documentation has no index.html, its likeliest page is shown, or else what is in it', async () => {
  await using api = await startWeb()
  const zips = {
    '1.0': zipOf([{ name: 'html/index.html' }, { name: 'html/api.html' }]),
    '2.0': zipOf([{ name: 'a b.html', content: '12' }, { name: 'manual.pdf' }, { name: 'c.html' }]),
    '3.0': asDocs(Buffer.from('no zip')),
  }
  for (const [version, zip] of Object.entries(zips)) {
    await sendDocs(api, zip, { name: 'anchor', version })
  }
  const read = (version: string, path = 'index.html') =>
    getPage(api, `/ada/dev/anchor/${version}/+d/${path}`)

  const inFolder = await read('1.0')
  const listed = await read('2.0')
  const one = await read('2.0', 'a%20b.html')
  const itself = await api.get('/ada/dev/anchor/2.0/+doc/a%20b.html', { accept: '*/*' })
  const unreadable = await read('3.0')

  assert.match(inFolder.text, /src="\/ada\/dev\/anchor\/1\.0\/\+doc\/html\/index\.html"/)
  const paths = ['a%20b.html', 'c.html', 'manual.pdf'].map(
    (path) => `/ada/dev/anchor/2.0/+d/${path}`,
  )
  assert.deepEqual(
    linksIn(listed.text).filter((link) => /2\.0\/\+d\/(?!index)/.test(link)),
    paths,
  )
  assert.match(one.text, /src="\/ada\/dev\/anchor\/2\.0\/\+doc\/a%20b\.html"/)
  assert.deepEqual([itself.status, itself.text], [200, '12'])
  assert.deepEqual([listed.status, unreadable.status], [200, 200])
  assert.match(textOf(unreadable.text), /No file in it can be read here/)
  assert.equal((await read('2.0', 'none.html')).status, 404)
  assert.equal((await read('latest')).status, 200)
  for (const { text } of [listed, unreadable]) {
    const zip = linksIn(text).find((link) => link.endsWith('.doc.zip')) ?? ''
    assert.equal((await api.get(zip, { accept: '*/*' })).status, 200)
  }
})

test('latest shows the newest documentation, and says where the newest release has none', async () => {
  await using api = await startWeb()
  await sendDocs(api, docs, { name: 'anchor', version: '1.0' })
  await addRelease(api, 'ada/dev', 'anchor', '2.0')

  const latest = textOf((await getPage(api, '/ada/dev/anchor/latest/+d/index.html')).text)

  assert.match(latest, /The newest release, 2\.0, has no documentation here: this is that of 1\.0/)
})

test('older documentation says that there is newer one', async () => {
  await using api = await startWeb()
  for (const version of ['1.0', '2.0', '3.0rc1']) {
    await sendDocs(api, docs, { name: 'anchor', version })
  }

  const old = await getPage(api, '/ada/dev/anchor/1.0/+d/index.html')
  const stable = await getPage(api, '/ada/dev/anchor/2.0/+d/index.html')

  assert.match(textOf(old.text), /There is newer documentation: latest , stable/)
  assert.match(textOf(stable.text), /There is newer documentation: latest \./)
})

test('index, project and release lead to the documentation', async () => {
  await using api = await startWeb()
  await addRelease(api, 'ada/dev', 'anchor', '1.0')
  await sendDocs(api, docs, { name: 'anchor', version: '1.0' })

  for (const path of ['/ada/dev', '/ada/dev/anchor', '/ada/dev/anchor/1.0']) {
    const links = linksIn((await getPage(api, path)).text)
    assert.ok(links.includes('/ada/dev/anchor/1.0/+d/index.html'), path)
  }
})
