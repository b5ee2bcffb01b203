/** A folder of wheels goes into an index: all of it, or nothing. */
import assert from 'node:assert/strict'
import { symlink } from 'node:fs/promises'
import { test } from 'node:test'
import { runCommand } from '../support/command.ts'
import { assertDone, assertInstalls } from '../support/installers.ts'
import { startStaticIndex } from '../support/static-index.ts'
import { makeTempFolder, type TempFolder } from '../support/temp.ts'
import { makeSdist, makeWheel } from '../support/wheel.ts'
import { startYard, type Yard } from '../support/yard.ts'

const anchor = makeWheel('anchor', '1.0', { requiresDist: ['chain'] })
const chain = makeSdist('chain', '1.0')
const rope = makeWheel('rope', '1.0')

async function importInto(yard: Yard, home: TempFolder, index: string) {
  const args = ['admin', 'import-files', 'wheels', index, '--dir', yard.folder]
  return runCommand(args, { cwd: home.path })
}

async function filesOf(yard: Yard, index: string, project: string): Promise<number> {
  const accept = 'application/vnd.pypi.simple.v1+json'
  const page = await fetch(yard.url(`${index}/+simple/${project}/`), { headers: { accept } })
  return page.ok ? ((await page.json()) as { files: unknown[] }).files.length : 0
}

test('a folder is imported into a stage beside the running server, and again without harm', async () => {
  await using home = await makeTempFolder('import')
  await using yard = await startYard({ stages: ['ada/dev'] })
  for (const file of [anchor, chain, rope]) await home.write(`wheels/${file.filename}`, file.bytes)

  const first = await importInto(yard, home, 'ada/dev')
  const again = await importInto(yard, home, 'ada/dev')

  assertDone(first)
  assert.equal(first.stdout, 'imported: 3 files\nalready here: 0\n')
  assert.equal(again.stdout, 'imported: 0 files\nalready here: 3\n')
  const from = yard.url('ada/dev/+simple/')
  await assertInstalls('uv', 'rope', { from, expected: ['rope-1.0'] })
  assert.equal(await filesOf(yard, 'ada/dev', 'chain'), 1)
})

test('whatever is wrong in a folder is named, and nothing is imported', async () => {
  await using home = await makeTempFolder('import')
  await using yard = await startYard({ stages: ['ada/dev'] })
  const other = makeWheel('other', '1.0')
  await home.write(`wheels/${rope.filename}`, rope.bytes)
  await home.write('wheels/notes.txt', 'hello')
  await home.write('wheels/broken-1.0-py3-none-any.whl', 'no zip')
  await home.write('wheels/liar-1.0-py3-none-any.whl', other.bytes)
  await home.write('wheels/folder-1.0.tar.gz/x', 'x')
  await symlink(home.join('wheels', rope.filename), home.join('wheels', other.filename))

  const ran = await importInto(yard, home, 'ada/dev')

  assert.equal(ran.code, 1, ran.output)
  for (const says of [
    /notes\.txt: the name is none of a wheel/,
    /broken-1\.0-py3-none-any\.whl: /,
    /liar-1\.0-py3-none-any\.whl: /,
    /folder-1\.0\.tar\.gz: it is no file/,
    /other-1\.0-py3-none-any\.whl: it is a symbolic link/,
    /nothing was imported/,
  ]) {
    assert.match(ran.output, says)
  }
  assert.equal(await filesOf(yard, 'ada/dev', 'rope'), 0)
})

test('what is no folder is named', async () => {
  await using home = await makeTempFolder('import')
  await using yard = await startYard({ stages: ['ada/dev'] })

  const absent = await importInto(yard, home, 'ada/dev')
  await home.write('wheels', 'a file')
  const file = await importInto(yard, home, 'ada/dev')

  assert.deepEqual([absent.code, file.code], [1, 1])
  assert.match(absent.output, /wheels cannot be read: there is no such file/)
  assert.match(file.output, /wheels cannot be read: it is no folder/)
})

test('a mirror takes what it knows by its hash, and then has it without its upstream', async () => {
  await using home = await makeTempFolder('import')
  const upstream = await startStaticIndex([rope])
  const mirror = { type: 'mirror', mirror_url: upstream.url('simple/') }
  await using yard = await startYard({ stages: [{ name: 'ada/mirror', ...mirror }] })
  await filesOf(yard, 'ada/mirror', 'rope')
  await upstream[Symbol.asyncDispose]()

  await home.write(`wheels/${rope.filename}`, makeWheel('rope', '1.0', { content: 'x = 1' }).bytes)
  const wrong = await importInto(yard, home, 'ada/mirror')
  await home.write(`wheels/${rope.filename}`, rope.bytes)
  const right = await importInto(yard, home, 'ada/mirror')
  const again = await importInto(yard, home, 'ada/mirror')
  await home.write(`wheels/${anchor.filename}`, anchor.bytes)
  const unknown = await importInto(yard, home, 'ada/mirror')

  assert.match(wrong.output, /rope-1\.0-py3-none-any\.whl: its SHA-256 is/)
  assert.match(right.output, /imported: 1 files\nalready here: 0/)
  assert.match(again.output, /imported: 0 files\nalready here: 1/)
  assert.match(
    unknown.output,
    /anchor-1\.0-py3-none-any\.whl: the mirror ada\/mirror knows no such/,
  )
  assert.deepEqual([wrong.code, right.code, unknown.code], [1, 0, 1], right.output)
  const from = yard.url('ada/mirror/+simple/')
  await assertInstalls('uv', 'rope', { from, expected: ['rope-1.0'] })
})
