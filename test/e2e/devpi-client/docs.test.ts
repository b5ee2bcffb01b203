/** `devpi upload` of documentation: files that are there, or what Sphinx makes of a project. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { linesOf, openDevpi, sentFiles, uploadIn } from '../../support/devpi-client.ts'
import { startSite, type Site } from '../../support/devpi-site.ts'
import { assertDone } from '../../support/installers.ts'
import { sphinxDocs, writeProject } from '../../support/python-project.ts'
import { makeTarGz, makeWheel, makeZip } from '../../support/wheel.ts'

let site: Site
before(async () => {
  const names = ['docs', 'sphinx']
  site = await startSite({ stages: names.map((name) => ({ name: `ada/${name}`, volatile: true })) })
})
after(() => site[Symbol.asyncDispose]())

// devpi-http 12: 81, 82
test('devpi upload sends documentation behind the releases, as a zip or an archive to repack', async () => {
  await using devpi = await openDevpi(site.url('ada/docs'))
  const pages = [{ name: 'index.html', content: '<h1>Anchor</h1>' }]

  const sent = await devpi.upload([
    { filename: 'anchor-1.0.doc.zip', bytes: makeZip(pages) },
    makeWheel('anchor', '1.0'),
    makeWheel('anchor', '2.0'),
    { filename: 'anchor-2.0.docs.tar.gz', bytes: makeTarGz(pages) },
  ])
  assertDone(sent)
  const to = site.url('ada/docs/')
  assert.deepEqual(linesOf(sent.output).toSorted(), [
    `doc_upload of anchor-1.0.doc.zip to ${to}`,
    `doc_upload of anchor-2.0.doc.zip to ${to}`,
    `file_upload of anchor-1.0-py3-none-any.whl to ${to}`,
    `file_upload of anchor-2.0-py3-none-any.whl to ${to}`,
    'repackaged anchor-2.0.docs.tar.gz to anchor-2.0.doc.zip',
  ])
  const links = await devpi.ok('getjson', 'anchor/1.0')
  assert.match(links, /"href": "[^"]+\/anchor-1\.0\.doc\.zip"/)
  assert.match(links, /"rel": "doczip"/)
  const page = await fetch(site.url('ada/docs/anchor/2.0/+doc/index.html'))
  assert.match(await page.text(), /<h1>Anchor<\/h1>/)

  const latest = await devpi.upload({ filename: 'anchor.doc.zip', bytes: makeZip(pages) })
  assertDone(latest)
  const unknown = await devpi.upload({ filename: 'rope.doc.zip', bytes: makeZip(pages) })
  assert.equal(unknown.code, 1)
  assert.match(unknown.output, /400 FAIL doc_upload of rope\.doc\.zip to /)
})

test("devpi upload --with-docs also sends what Sphinx makes of the project's documentation", async () => {
  await using devpi = await openDevpi(site.url('ada/sphinx'))
  const folder = await writeProject(devpi, { name: 'anchor', files: sphinxDocs })

  const both = await uploadIn(devpi, folder, '--no-isolation', '--with-docs', '--wheel')
  assert.match(both, /built: dist\/anchor-1\.0\.doc\.zip \[sphinx docs\] \d+kb/)
  assert.deepEqual(sentFiles(both), ['anchor-1.0-py3-none-any.whl', 'anchor-1.0.doc.zip'])
  const page = await fetch(site.url('ada/sphinx/anchor/1.0/+doc/index.html'))
  assert.match(await page.text(), /They hold\./)

  await devpi.home.write('anchor/docs/index.rst', 'Anchors\n=======\n\nThey hold well.\n')
  const only = await uploadIn(devpi, folder, '--no-isolation', '--only-docs')
  assert.deepEqual(sentFiles(only), ['anchor-1.0.doc.zip'])
  const changed = await fetch(site.url('ada/sphinx/anchor/latest/+doc/index.html'))
  assert.match(await changed.text(), /They hold well\./)
})
