/** A site as it is when it moves from devpi: something of everything, made through devpi's own API. */
import { compareServers, type Difference } from '#client/compare'
import { openClient } from '#client/client'
import { withLogin } from '#client/log-in'
import type { DevpiClient } from './devpi-primary.ts'
import { makeDocs } from './docs.ts'
import { toxResult } from './toxresults.ts'
import { urlOf } from './upload.ts'
import { makeSdist, makeWheel } from './wheel.ts'

export const ANCHOR = makeWheel('anchor', '1.0', { requiresPython: '>=3.8', summary: 'Holds' })
export const ANCHOR_SDIST = makeSdist('anchor', '1.0')
export const ANCHOR_2 = makeWheel('anchor', '2.0')
export const ROPE = makeWheel('Rope.Hemp', '0.1')
export const UPSTREAM_FILES = [
  makeWheel('tar', '1.0'),
  makeWheel('tar', '1.1'),
  makeWheel('pitch', '3.0'),
] as const

/** `mirrorUrl`: of a simple index that has `UPSTREAM_FILES`. */
export async function fillSite(client: DevpiClient, mirrorUrl: string): Promise<void> {
  await client.makeUser('ada', {
    email: 'ada@example.com',
    title: 'Ada',
    custom_data: { floor: [1, null, 2.5, { ключ: true }] },
  })
  await client.makeUser('b.c@d-e_f')
  await client.makeUser('gone')
  await client.makeIndex('ada/prod', {
    volatile: false,
    title: 'Prod',
    acl_upload: ['ada', 'b.c@d-e_f'],
  })
  await client.makeIndex('root/mirror', { type: 'mirror', mirror_url: mirrorUrl })
  await client.makeIndex('ada/dev', {
    bases: ['ada/prod', 'root/mirror'],
    mirror_whitelist: ['tar'],
    custom_data: { a: 'b' },
  })
  await client.makeIndex('b.c@d-e_f/x', {
    bases: ['ada/dev'],
    mirror_whitelist_inheritance: 'union',
  })
  await client.makeIndex('gone/dev')

  await client.upload('ada/dev', ANCHOR, {
    ...{ name: 'anchor', version: '1.0', summary: 'Holds', requires_python: '>=3.8' },
    classifiers: ['Topic :: Sea', 'Topic :: Ground'],
  })
  await client.upload('ada/dev', ANCHOR_SDIST, { name: 'anchor', version: '1.0' })
  await client.upload('ada/dev', ANCHOR_2, { name: 'anchor', version: '2.0' })
  await client.upload('ada/dev', ROPE, { name: 'Rope.Hemp', version: '0.1' })
  await client.upload('gone/dev', ANCHOR, { name: 'anchor', version: '1.0' })
  await client.uploadDocs('ada/dev', makeDocs({ 'index.html': 'one' }).bytes, {
    ...{ name: 'anchor', version: '1.0' },
  })
  await client.must('POST', urlOf(ANCHOR, 'ada/dev'), { json: JSON.parse(toxResult()) })
  await client.must('POST', urlOf(ANCHOR, 'ada/dev'), { json: JSON.parse(toxResult('py312')) })
  await client.must('PUSH', '/ada/dev', {
    as: 'ada',
    json: { name: 'anchor', version: '1.0', targetindex: 'ada/prod' },
  })
  // Once more under the same name: the index is volatile.
  const changed = makeWheel('Rope.Hemp', '0.1', { content: 'version = "other"' })
  await client.upload('ada/dev', changed, { name: 'Rope.Hemp', version: '0.1' })
  await client.uploadDocs('ada/dev', makeDocs({ 'index.html': 'two' }).bytes, {
    ...{ name: 'anchor', version: '1.0' },
  })
  await client.must('GET', '/root/mirror/+simple/tar/', { accept: 'text/html' })
  await client.must('GET', await fileOf(client, 'root/mirror', 'tar', '1.0'), { accept: '*/*' })
  await client.must('DELETE', '/ada/dev/anchor/2.0', { as: 'ada' })
  await client.must('DELETE', '/gone', { as: 'root' })
}

/** The path of a file, as the page of its project has it. */
export async function fileOf(
  client: DevpiClient,
  index: string,
  project: string,
  version: string,
): Promise<string> {
  const page = `/${index}/+simple/${project}/`
  const { text } = await client.get(page, 'application/vnd.pypi.simple.v1+json')
  const { files } = JSON.parse(text) as { files: { filename: string; url: string }[] }
  const file = files.find(({ filename }) => filename.includes(`-${version}-`))
  if (!file) throw new Error(`${project} ${version} is not on ${page}: ${text}`)
  return new URL(file.url, new URL(page, client.url)).pathname
}

/** What two servers have otherwise, a line each. */
export async function differences(
  first: string,
  second: string,
  { withMirrors = true, withFiles = true } = {},
): Promise<string[]> {
  await using one = openClient(await withLogin(asRoot(first)))
  await using other = openClient(await withLogin(asRoot(second)))
  const found: string[] = []
  await compareServers(one, other, {
    ...{ withMirrors, withFiles },
    onDifference: ({ where, what, first: mine, second: theirs }: Difference) =>
      void found.push(`${where}: ${what}: ${JSON.stringify(mine)} / ${JSON.stringify(theirs)}`),
  })
  return found
}

function asRoot(address: string): URL {
  const url = new URL(address)
  url.username = 'root'
  return url
}
