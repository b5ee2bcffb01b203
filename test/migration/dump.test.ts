/** A dump of a data folder, loaded into another: the same history, the same files, the same answers. */
import assert from 'node:assert/strict'
import { appendFile, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { openStore } from '../../src/app-store.ts'
import { keys } from '#registry/keys'
import { Speaker } from '../oracle/speaker.ts'
import { runCommand, startCommand } from '../support/command.ts'
import { later, mirrored, worldSteps } from '../support/devpi-world.ts'
import type { Step } from '../oracle/step.ts'
import { assertDone } from '../support/installers.ts'
import { readSite } from '../support/site-content.ts'
import { startStaticIndex } from '../support/static-index.ts'
import { makeTempFolder, type TempFolder } from '../support/temp.ts'
import { startYard, type Yard } from '../support/yard.ts'

let home: TempFolder
let yard: Yard
let speaker: Speaker
const upstreams = new AsyncDisposableStack()

async function say(steps: readonly Step[]): Promise<void> {
  for (const step of steps) {
    const { status, reason } = await speaker.say(step)
    assert.ok(status < 400, `${step.ask}: ${status} ${reason}`)
  }
}

before(async () => {
  home = await makeTempFolder('dump')
  const upstream = await startStaticIndex([mirrored])
  upstreams.defer(() => upstream.close())
  yard = await startYard()
  speaker = await Speaker.open(yard.url())
  await say(worldSteps(upstream.url('simple/')))
})
after(async () => {
  await speaker[Symbol.asyncDispose]()
  await yard[Symbol.asyncDispose]()
  await upstreams.disposeAsync()
  await home.remove()
})

const admin = (...args: readonly string[]) => runCommand(['admin', ...args], { cwd: home.path })
const dumpInto = (to: string, ...options: readonly string[]) =>
  admin('dump', to, '--dir', yard.folder, ...options)
const loadInto = (dir: string, from: string, ...options: readonly string[]) =>
  admin('load', from, '--dir', dir, ...options)

async function headOf(dir: string): Promise<{ serial: number; hash: string | undefined }> {
  const store = await openStore({ dir })
  const { serial } = store.ledger
  const head = { serial, hash: (await store.ledger.change(serial))?.hash }
  await store.close()
  return head
}

const without = ['root/far']

test('what was dumped beside the server and loaded elsewhere is the same, and goes on', async () => {
  const folder = home.join('loaded')

  const dumped = await dumpInto('first')
  const loaded = await loadInto(folder, 'first')

  assertDone(dumped)
  assertDone(loaded)
  assert.deepEqual(await headOf(folder), await headOf(yard.folder))
  const verified = await admin('verify', '--dir', folder)
  assert.equal(verified.code, 0, verified.output)
  await using other = await startYard({ folder })
  const shown = await readSite({ url: yard.url(), without })
  assert.deepEqual(await readSite({ url: other.url(), without }), shown)
  assert.equal(Object.keys(shown.files).length, 11)
})

test('again, only what is new is dumped and loaded; with hard links nothing is copied', async () => {
  const folder = home.join('again')
  assertDone(await dumpInto('second', '--hard-links'))
  assertDone(await loadInto(folder, 'second', '--hard-links'))
  const before = (await headOf(yard.folder)).serial
  await say(later)
  const now = (await headOf(yard.folder)).serial

  const dumped = await dumpInto('second', '--hard-links')
  const loaded = await loadInto(folder, 'second', '--hard-links')
  const idle = await loadInto(folder, 'second')

  assertDone(dumped)
  assert.match(dumped.stdout, new RegExp(`changes: ${now - before} dumped, up to serial ${now}`))
  assert.match(dumped.stdout, /files: 2 dumped/)
  assertDone(loaded)
  assert.match(loaded.stdout, new RegExp(`changes: ${now - before} loaded, ${before + 1} already`))
  assert.match(idle.stdout, /changes: 0 loaded/)
  assert.deepEqual(await headOf(folder), await headOf(yard.folder))
})

test('a dump without blobs names them: the store has them from elsewhere', async () => {
  const folder = home.join('bare')
  assertDone(await dumpInto('bare-dump', '--no-blobs'))

  const lacking = await loadInto(folder, 'bare-dump')
  const served = await runCommand(['serve', '--dir', folder, '--port', '0'], { cwd: home.path })
  const { cp } = await import('node:fs/promises')
  await cp(join(yard.folder, 'blobs'), join(folder, 'blobs'), { recursive: true })
  const complete = await loadInto(folder, 'bare-dump')

  assert.equal(lacking.code, 1)
  assert.match(
    lacking.output,
    /file\/alice\/dev\/\S+: its blob [0-9a-f]{64} is neither here nor in/,
  )
  assert.match(served.output, /bare holds a half of the dump/)
  assertDone(complete)
  assert.deepEqual(await readdir(home.join('bare-dump')), ['changes', 'dump.json'])
})

/** Enough changes for several portions, each with a blob of its own. */
async function makeMany(dir: string, changes: number): Promise<void> {
  const store = await openStore({ dir })
  const { ledger, blobs } = store
  const upload = async (n: number): Promise<void> => {
    await using staged = await blobs.stage(
      (async function* () {
        yield Buffer.from(`file ${n}`)
      })(),
    )
    await staged.keep()
    const { digest, size } = staged
    const filename = `many-${n}.0.tar.gz`
    await ledger.write('root', async (tx) => {
      const entry = { digest, size, hashes: { sha256: digest }, version: `${n}.0`, addedAt: n }
      tx.set(keys.file('root/dev', 'many', filename), entry)
      await Promise.resolve()
    })
  }
  for (let at = 0; at < changes; at += 50) {
    await Promise.all(Array.from({ length: 50 }, (_, n) => upload(at + n)))
  }
  await store.close()
}

test('a dump and a load that are killed go on where they were, and no half is served', async () => {
  const dir = home.join('many')
  const folder = home.join('killed')
  await makeMany(dir, 6000)
  const dumpArgs = ['admin', 'dump', 'killed-dump', '--dir', dir]

  const dumping = startCommand(dumpArgs, { cwd: home.path })
  await dumping.until(() => (/changes\n/.test(dumping.stderr) ? true : undefined))
  await dumping.kill('SIGKILL')
  const half = await loadInto(folder, 'killed-dump')
  const dumped = await runCommand(dumpArgs, { cwd: home.path })
  const loading = startCommand(['admin', 'load', 'killed-dump', '--dir', folder], {
    cwd: home.path,
  })
  await loading.until(() => (/changes\n/.test(loading.stderr) ? true : undefined))
  await loading.kill('SIGKILL')
  const served = await runCommand(['serve', '--dir', folder, '--port', '0'], { cwd: home.path })
  const loaded = await loadInto(folder, 'killed-dump')

  assert.equal(half.code, 1)
  assert.match(
    half.output,
    /was not finished: run `wheelyard admin dump` again\. Nothing was changed/,
  )
  assertDone(dumped)
  assert.match(dumped.stdout, /changes: 1000 dumped, up to serial 5999/)
  assert.match(served.output, /holds a half of the dump .*killed-dump/)
  assertDone(loaded)
  assert.match(loaded.stdout, /changes: \d+ loaded, [1-9]\d+ already here/)
  assert.deepEqual(await headOf(folder), await headOf(dir))
  assert.match((await admin('verify', '--dir', folder)).stdout, /6000 read, 0 damaged, 0 missing/)
})

test('what is wrong with a dump is named, and nothing is changed', async () => {
  const dir = home.join('refused')
  const refused = async (says: RegExp, from = 'bad'): Promise<void> => {
    const { code, output } = await loadInto(dir, from)
    assert.equal(code, 1, output)
    assert.match(output, says)
    assert.match(output, /Nothing was changed/)
    assert.equal((await readdir(home.path)).includes('refused'), false)
  }
  assertDone(await dumpInto('bad'))
  const manifest = JSON.parse(await readFile(home.join('bad/dump.json'), 'utf8')) as object
  const setManifest = (more: object) =>
    writeFile(home.join('bad/dump.json'), JSON.stringify({ ...manifest, ...more }))
  const [segment = ''] = await readdir(home.join('bad/changes'))
  const path = home.join('bad/changes', segment)
  const text = await readFile(path, 'utf8')

  await refused(/has no dump\.json: it is no dump/, 'nowhere')
  await setManifest({ format: 9 })
  await refused(/is a dump in format 9; formats up to 1 are known/)
  await setManifest({ hash: 1 })
  await refused(/dump\.json is broken/)
  await setManifest({ serial: 100_000 })
  await refused(/lacks change \d+/)
  await setManifest({ hash: 'ab'.repeat(32) })
  await refused(/dump\.json is of other changes than are there/)
  await setManifest({})
  await writeFile(path, text.replaceAll('Says hello', 'Says howdy'))
  await refused(/Change \d+ of the dump was altered: its hash does not fit/)
  await writeFile(path, text.split('\n').toSpliced(3, 1).join('\n'))
  await refused(/has change 4 where 3 comes next/)
  await writeFile(path, text.replace('\n', '\n{"serial": 1}\n'))
  await refused(/\.jsonl, line 2, is no change/)
  await writeFile(path, text.slice(0, -30))
  await refused(/\.jsonl, line \d+, is no change/)
  await rm(path)
  await refused(/lacks change 0/)
})

test('a blob that is damaged or gone is named; it goes on once that is mended', async () => {
  const dir = home.join('mended')
  assertDone(await dumpInto('damaged'))
  const folder = home.join('damaged/blobs')
  const [prefix = ''] = await readdir(folder)
  const [digest = ''] = await readdir(join(folder, prefix))
  const path = join(folder, prefix, digest)
  const bytes = await readFile(path)
  await appendFile(path, 'x')

  const first = await loadInto(dir, 'damaged')
  await writeFile(path, bytes)
  const second = await loadInto(dir, 'damaged')

  assert.equal(first.code, 1)
  assert.match(first.output, new RegExp(`${digest}: it is damaged: its SHA-256 is not its name`))
  assertDone(second)
  assert.match(second.stdout, /changes: 0 loaded, \d+ already here.*\nfiles: 1 loaded/)
})

test('a folder that is served or has another history is left alone', async () => {
  assertDone(await dumpInto('other'))
  await using served = await startYard()

  const running = await loadInto(served.folder, 'other')
  await served.kill('SIGTERM')
  const parted = await loadInto(served.folder, 'other')
  const foreign = await admin('dump', 'other', '--dir', served.folder)
  await home.write('strange/notes.txt', 'mine')
  const strange = await dumpInto('strange')

  assert.match(running.output, /A server runs on/)
  assert.match(parted.output, /has another history than the dump: its change 0 is not the dump's/)
  assert.match(foreign.output, /is a dump of another ledger/)
  assert.match(strange.output, /holds something else than a dump: notes\.txt/)
  for (const { code } of [running, parted, foreign, strange]) assert.equal(code, 1)
})
