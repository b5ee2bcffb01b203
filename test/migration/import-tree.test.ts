/** pypiserver's folder and a bandersnatch mirror go into an index: the same files, with what was known of them. */
import assert from 'node:assert/strict'
import { lstat, mkdir, rm, symlink, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { readSimplePage } from '../oracle/pages.ts'
import { runCommand, startCommand } from '../support/command.ts'
import { assertDone, assertInstalls } from '../support/installers.ts'
import { makeTempFolder, type TempFolder } from '../support/temp.ts'
import { startPypiserver } from '../support/upstream.ts'
import { makeSdist, makeWheel, type Distribution } from '../support/wheel.ts'
import { startYard, type Yard } from '../support/yard.ts'

const anchor = makeWheel('anchor', '1.0', { requiresPython: '>=3.8', summary: 'Drops' })
const newer = makeWheel('anchor', '1.1', { requiresDist: ['chain'] })
const chain = makeSdist('chain', '2.0')
const rope = makeWheel('rope', '3.0')

const take = (yard: Yard, home: TempFolder, from: string, ...options: readonly string[]) =>
  runCommand(['admin', 'import-tree', from, 'ada/dev', '--dir', yard.folder, ...options], {
    cwd: home.path,
  })

interface File {
  readonly filename: string
  readonly hashes: { readonly sha256: string }
  readonly yanked?: boolean | string
  readonly 'upload-time': string
}

async function filesOf(yard: Yard, project: string): Promise<Record<string, File>> {
  const accept = 'application/vnd.pypi.simple.v1+json'
  const page = await fetch(yard.url(`ada/dev/+simple/${project}/`), { headers: { accept } })
  const { files } = (await page.json()) as { files: File[] }
  return Object.fromEntries(files.map((file) => [file.filename, file]))
}

test('all that a pypiserver serves is served after the import of its folder', async () => {
  await using home = await makeTempFolder('tree')
  await using yard = await startYard({ stages: ['ada/dev'] })
  const files = [anchor, newer, chain, rope]
  await using pypiserver = await startPypiserver(files)
  for (const { filename, bytes } of files) await home.write(`packages/${filename}`, bytes)
  await mkdir(home.join('packages/old'))
  await home.write(
    'packages/old/deep/knot-1.0.zip',
    makeSdist('knot', '1.0', { extension: '.zip' }).bytes,
  )
  await home.write(`packages/${rope.filename}.asc`, 'a signature')
  await home.write('packages/notes.txt', 'notes')
  await home.write('packages/.hidden/rope-9.0.tar.gz', 'x')
  const at = new Date('2021-02-03T04:05:06Z')
  await utimes(home.join('packages', anchor.filename), at, at)

  const ran = await take(yard, home, 'packages')
  const again = await take(yard, home, 'packages')

  assertDone(ran)
  assert.match(ran.stdout, /packages: a folder of packages\nimported: 5 files .*\nalready here: 0/)
  assert.match(again.stdout, /imported: 0 files .*\nalready here: 5/)
  for (const project of ['anchor', 'chain', 'rope']) {
    const page = `simple/${project}/`
    const html = await (await fetch(pypiserver.url(page))).text()
    const served = Object.entries(readSimplePage(html, `/${page}`).links).map(
      ([name, { attributes }]) => [name, attributes.href?.split('#sha256=')[1]],
    )
    const ours = Object.values(await filesOf(yard, project)).map(({ filename, hashes }) => [
      filename,
      hashes.sha256,
    ])
    assert.deepEqual(Object.fromEntries(ours), Object.fromEntries(served), project)
  }
  const { [anchor.filename]: first } = await filesOf(yard, 'anchor')
  assert.equal(first?.['upload-time'], '2021-02-03T04:05:06.000Z')
  assert.deepEqual(Object.keys(await filesOf(yard, 'knot')), ['knot-1.0.zip'])
  const from = yard.url('ada/dev/+simple/')
  await assertInstalls('uv', 'anchor', { from, expected: ['anchor-1.1', 'chain-2.0'] })
})

/** As bandersnatch 6 lays them out. */
async function writeMirror(home: TempFolder, more: readonly object[] = []): Promise<void> {
  const place = ({ filename, sha256 }: Distribution): string =>
    `packages/${sha256.slice(0, 2)}/${sha256.slice(2, 4)}/${sha256.slice(4)}/${filename}`
  for (const file of [anchor, newer, rope])
    await home.write(`mirror/web/${place(file)}`, file.bytes)
  const listed = (file: Distribution, facts: object = {}) => ({
    filename: file.filename,
    hashes: { sha256: file.sha256 },
    'requires-python': '',
    url: `../../${place(file)}`,
    yanked: false,
    size: file.bytes.length,
    'upload-time': '2020-01-02T03:04:05.678901Z',
    ...facts,
  })
  const files = [listed(anchor, { yanked: 'too heavy' }), listed(newer), ...more]
  const page = { files, meta: { 'api-version': '1.1', '_last-serial': '7' }, name: 'anchor' }
  await home.write('mirror/web/simple/index.html', '<a href="anchor/">anchor</a>')
  await home.write('mirror/web/simple/anchor/index.v1_json', JSON.stringify(page))
  await home.write('mirror/web/simple/anchor/index.html', '<a href="/none.whl">none</a>')
  const link = `<a href="https://mirror.example/${place(rope)}#sha256=${rope.sha256}" data-yanked="">${rope.filename}</a>`
  await home.write('mirror/web/simple/r/rope/index.html', `<!DOCTYPE html><body>${link}</body>`)
}

test('a bandersnatch mirror is taken with its upload times and what is yanked', async () => {
  await using home = await makeTempFolder('tree')
  await using yard = await startYard({ stages: ['ada/dev'] })
  await writeMirror(home)

  const ran = await take(yard, home, 'mirror', '--hard-links', '--json')
  const again = await take(yard, home, 'mirror/web')

  assertDone(ran)
  const { layout, added, here, failed } = JSON.parse(ran.stdout) as Record<string, unknown>
  assert.deepEqual(
    { layout, added, here, failed },
    { layout: 'bandersnatch', added: 3, here: 0, failed: 0 },
  )
  assert.match(again.stdout, /a bandersnatch mirror\nimported: 0 files .*\nalready here: 3/)
  const files = await filesOf(yard, 'anchor')
  assert.equal(files[anchor.filename]?.yanked, 'too heavy')
  assert.ok(!files[newer.filename]?.yanked)
  assert.match(files[newer.filename]?.['upload-time'] ?? '', /^2020-01-02T03:04:05\.678/)
  const { [rope.filename]: old } = await filesOf(yard, 'rope')
  assert.deepEqual([old?.hashes.sha256, old?.yanked], [rope.sha256, true])
  const blob = join(yard.folder, 'blobs/sha256', rope.sha256.slice(0, 2), rope.sha256)
  assert.equal((await lstat(blob)).nlink, 2)
})

test('what cannot be taken is named, all else goes in, and what stands on the index stays', async () => {
  await using home = await makeTempFolder('tree')
  await using yard = await startYard({ stages: ['ada/dev', 'ada/other'] })
  const file = (filename: string, url: string, sha256 = 'ab'.repeat(32)) => ({
    filename,
    url,
    hashes: { sha256 },
  })
  await writeMirror(home, [
    file('anchor-2.0.tar.gz', '../../packages/aa/bb/anchor-2.0.tar.gz'),
    file('anchor-2.1.tar.gz', '../../../../etc/passwd'),
    file('anchor-2.2.tar.gz', '../../packages/../../secret/anchor-2.2.tar.gz'),
    file('other-1.0.tar.gz', '../../packages/x/other-1.0.tar.gz'),
    file('anchor-2.3.tar.gz', '../../packages/x/anchor-2.3.tar.gz'),
  ])
  await home.write('mirror/web/packages/x/other-1.0.tar.gz', makeSdist('other', '1.0').bytes)
  await home.write('mirror/web/packages/x/anchor-2.3.tar.gz', makeSdist('anchor', '2.3').bytes)
  await home.write('mirror/secret/anchor-2.2.tar.gz', makeSdist('anchor', '2.2').bytes)
  await home.write('mirror/web/simple/broken/index.v1_json', '{"files": [')
  const other = makeWheel('rope', '3.0', { content: 'x = 1' })
  await home.write(`tree/${other.filename}`, other.bytes)
  await home.write('tree/liar-1.0-py3-none-any.whl', makeWheel('honest', '1.0').bytes)
  await home.write('tree/odd-1.0.tar.gz', 'no archive')
  await symlink(home.join('tree/odd-1.0.tar.gz'), home.join('tree/link-1.0.tar.gz'))

  const mirror = await take(yard, home, 'mirror')
  const tree = await take(yard, home, 'tree')
  const missing = await runCommand(
    ['admin', 'import-tree', 'tree', 'ada/none', '--dir', yard.folder],
    { cwd: home.path },
  )

  assert.equal(mirror.code, 1)
  for (const says of [
    /anchor: anchor-2\.0\.tar\.gz: packages\/aa\/bb\/anchor-2\.0\.tar\.gz is missing/,
    /anchor: anchor-2\.1\.tar\.gz: its link leads to no file of the mirror/,
    /anchor: anchor-2\.2\.tar\.gz: (its link leads|.*(missing|is no file of the mirror))/,
    /other-1\.0\.tar\.gz: the name is none of a file of a project/,
    /anchor-2\.3\.tar\.gz: its sha256 is [0-9a-f]{64}, and should be abab/,
    /simple\/broken: /,
    /Error: 6 files were not taken\. All else is here/,
  ]) {
    assert.match(mirror.output, says)
  }
  assert.match(mirror.stdout, /imported: 3 files/)
  assert.equal(tree.code, 1)
  assert.match(
    tree.output,
    /rope-3\.0-py3-none-any\.whl: ada\/dev has a file of this name with other content/,
  )
  assert.match(tree.output, /liar-1\.0-py3-none-any\.whl: \S/)
  assert.match(tree.output, /link-1\.0\.tar\.gz: it is a symbolic link/)
  assert.match(tree.stdout, /imported: 1 files/)
  assert.equal(missing.code, 1)
  assert.match(missing.output, /Error: .*ada\/none/)
})

test('an import of a tree that was killed goes on where it was', async () => {
  await using home = await makeTempFolder('tree')
  await using yard = await startYard({ stages: ['ada/dev'] })
  const count = 700
  for (let n = 0; n < count; n++) {
    const { filename, bytes } = makeWheel('many', `${n}.0`)
    await home.write(`tree/${filename}`, bytes)
  }
  const args = ['admin', 'import-tree', 'tree', 'ada/dev', '--dir', yard.folder]

  const first = startCommand(args, { cwd: home.path })
  await first.until(() => (/^\[600\//m.test(first.stderr) ? true : undefined))
  await first.kill('SIGKILL')
  const second = await runCommand(args, { cwd: home.path })
  await rm(home.join('tree'), { recursive: true })

  assertDone(second)
  assert.match(second.stdout, /imported: [1-9]\d* files .*\nalready here: [1-9]\d*/)
  assert.equal(Object.keys(await filesOf(yard, 'many')).length, count)
})
