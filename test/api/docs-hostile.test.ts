/** Zips of documentation that are made to harm, and those that only look odd. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startApi } from '../support/api.ts'
import { asDocs, docsParts, sendDocs, zipOf, type DocsZip } from '../support/docs.ts'
import { INDEX, sendRefused, urlOf } from '../support/upload.ts'
import { makeZip, type ZipEntry } from '../support/zip.ts'

const index: ZipEntry = { name: 'index.html', content: 'x' }
const huge = Buffer.alloc(80 * 1024 * 1024)

const hostile: [what: string, zip: () => DocsZip, reason: RegExp][] = [
  ...[
    '../index.html',
    'a/../../b',
    '/etc/passwd',
    'C:/x.html',
    'c:x.html',
    'a\\..\\b',
    'a\0b',
    'a\nb',
  ].map((name): [string, () => DocsZip, RegExp] => [
    `a member named ${JSON.stringify(name)}`,
    () => zipOf([index, { name, content: 'x' }]),
    /unsafe name/,
  ]),
  [
    'a link',
    () => zipOf([index, { name: 'a', content: '/etc/passwd', mode: 0o120777 }]),
    /link or device/,
  ],
  ['a device', () => zipOf([index, { name: 'a', mode: 0o020666 }]), /link or device/],
  ['two members of one name', () => zipOf([index, { ...index, content: 'y' }]), /two members/],
  ['a bomb', () => zipOf([index, { name: 'a', content: huge }]), /times its size/],
  ['a bomb that lies', () => zipOf([{ ...index, declaredSize: 2 ** 31 }]), /times its size/],
  ['another name inside', () => zipOf([{ ...index, localName: 'INDEX.html' }]), /otherwise/],
  ['bytes before it', () => asDocs(makeZip([index], { stub: 'MZ' })), /before its start/],
  ['bytes behind it', () => asDocs(makeZip([index], { trailing: 'x' })), /behind its end/],
  [
    'uncounted members',
    () => asDocs(makeZip([index, { name: 'b' }], { declaredEntries: 1 })),
    /uncounted/,
  ],
]
for (const [what, zip, reason] of hostile) {
  test(`documentation with ${what} is refused`, async () => {
    await using api = await startApi({ indexes: [INDEX] })

    const reply = await sendRefused(api, INDEX, docsParts(zip()))

    assert.equal(reply.status, 400)
    assert.match(reply.reason, /^Invalid documentation file\. /)
    assert.match(reply.reason, reason)
  })
}

const accepted: [what: string, docs: DocsZip][] = [
  ['what is no zip', asDocs(Buffer.from('garbage'))],
  ['nothing', asDocs(Buffer.alloc(0))],
  ['half a zip', asDocs(makeZip([index]).subarray(0, 40))],
  ['an empty zip', zipOf([])],
  ['a zip without pages', zipOf([{ name: 'readme.txt' }])],
  ['folders', zipOf([{ name: 'a/', mode: 0o040755 }, { name: 'a/b/' }, index])],
  ['names in other scripts', zipOf([index, { name: 'größe/文档.html', content: 'x' }])],
  ['a comment', asDocs(makeZip([index], { comment: 'docs' }))],
  ['a zip without types of files', zipOf([{ ...index, mode: 0 }])],
]
for (const [what, docs] of accepted) {
  test(`${what} as documentation is taken as it is`, async () => {
    await using api = await startApi({ indexes: [INDEX] })

    const reply = await sendDocs(api, docs)

    assert.equal(reply.status, 200, reply.reason)
    const { sha256 } = docs
    const file = await api.get(urlOf({ sha256, filename: 'foo-1.0.doc.zip' }), { accept: '*/*' })
    assert.deepEqual(file.bytes, docs.bytes)
  })
}

test('documentation may be no larger than any upload', async () => {
  await using api = await startApi({ indexes: [INDEX], config: { maxUploadSize: 1000 } })

  const reply = await sendRefused(api, INDEX, docsParts(asDocs(Buffer.alloc(1001, 'x'))))

  assert.equal(reply.status, 413)
})
