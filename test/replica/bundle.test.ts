/** Changes and files that go to a replica in a file, where no network does. */
import assert from 'node:assert/strict'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { test } from 'node:test'
import { openStore } from '#app-store'
import { startApi, type Api } from '../support/api.ts'
import { runCommand } from '../support/command.ts'
import { makeSharedSecret } from '../support/feed.ts'
import type { RunResult } from '../support/process.ts'
import { makeTempFolder, type TempFolder } from '../support/temp.ts'
import { sendFile } from '../support/upload.ts'
import { verifyStore } from '../support/verify-store.ts'
import { makeWheel } from '../support/wheel.ts'

const wheels = ['1.0', '2.0', '3.0'].map((version) => makeWheel('anchor', version))
const AWAY = 'http://127.0.0.1:1'

interface Gap extends AsyncDisposable {
  readonly primary: Api
  readonly secretFile: string
  /** Where bundles go. */
  readonly folder: TempFolder
  /** Nothing connects it with the primary. */
  readonly replica: TempFolder
  make(name: string, ...args: string[]): Promise<string>
  take(file: string, ...args: string[]): Promise<RunResult>
  upload(from: number, to: number): Promise<void>
  /** Of the replica's ledger. */
  serial(): Promise<number>
}

async function startGap(): Promise<Gap> {
  await using stack = new AsyncDisposableStack()
  const secret = stack.use(await makeSharedSecret())
  const [folder, replica] = [await makeTempFolder('bundles'), await makeTempFolder('far')]
  stack.defer(() => folder.remove())
  stack.defer(() => replica.remove())
  const config = { secretFile: secret.path }
  const primary = stack.use(await startApi({ indexes: ['ada/dev'], config }))
  const owned = stack.move()
  const run = (args: readonly string[], dir: string): Promise<RunResult> =>
    runCommand([...args, '--dir', dir, '--secret-file', secret.path], { cwd: folder.path })
  return {
    ...{ primary, secretFile: secret.path, folder, replica },
    async make(name, ...args) {
      const file = folder.join(name)
      const made = await run(['admin', 'bundle', file, ...args], primary.folder.path)
      assert.equal(made.code, 0, made.output)
      return file
    },
    take: (file, ...args) => run(['admin', 'import-bundle', file, ...args], replica.path),
    async upload(from, to) {
      for (const [at, wheel] of wheels.slice(from, to).entries()) {
        const fields = { name: 'anchor', version: `${from + at + 1}.0` }
        const { status, text } = await sendFile(primary, 'ada/dev', wheel, fields)
        assert.equal(status, 200, text)
      }
    },
    async serial() {
      const store = await openStore({ dir: replica.path })
      const { serial } = store.ledger
      await store.close()
      return serial
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

test('a replica is filled and kept up to date by bundles, and serves without its primary', async () => {
  await using gap = await startGap()
  const { primary, replica, secretFile } = gap
  await gap.upload(0, 1)
  const first = await gap.make('first')
  const { serial } = primary
  await gap.upload(1, 3)
  const second = await gap.make('second', '--from', String(serial + 1))

  const filled = await gap.take(first, '--primary-url', AWAY)
  const followed = await gap.take(second)
  const again = await gap.take(second)

  assert.equal(
    filled.stdout,
    `changes 0 to ${serial}: ${serial + 1} taken over, 1 files\nthe replica is at serial ${serial}\n`,
  )
  assert.match(followed.stdout, /: 2 taken over, 2 files\n/, followed.output)
  assert.match(again.stdout, /: 0 taken over, 0 files\n/, again.output)
  assert.equal((await verifyStore(replica.path)).serials, primary.serial + 1)
  await using served = await startApi({
    config: { dir: replica.path, primaryUrl: AWAY, secretFile },
  })
  assert.deepEqual(
    await served.ledger.change(served.serial),
    await primary.ledger.change(primary.serial),
  )
  const page = '/ada/dev/+simple/anchor/'
  assert.equal((await served.get(page)).text, (await primary.get(page)).text)
})

test('a bundle without files brings the changes alone, and a later one the files', async () => {
  await using gap = await startGap()
  await gap.upload(0, 2)
  const bare = await gap.make('bare', '--no-files')
  const whole = await gap.make('whole')

  const first = await gap.take(bare, '--primary-url', AWAY)
  const second = await gap.take(whole)

  assert.match(first.stdout, /taken over, 0 files/, first.output)
  assert.match(second.stdout, /: 0 taken over, 2 files/, second.output)
  await verifyStore(gap.replica.path)
})

test('what was replaced or removed by the last change is not among the files', async () => {
  await using gap = await startGap()
  await gap.upload(0, 2)
  const { status } = await gap.primary.del('/ada/dev/anchor/1.0?force', { as: 'ada' })
  assert.equal(status, 200)

  const taken = await gap.take(await gap.make('all'), '--primary-url', AWAY)

  assert.match(taken.stdout, /taken over, 1 files/, taken.output)
  await verifyStore(gap.replica.path)
})

test('a bundle that leaves a gap is refused, and says what is missing', async () => {
  await using gap = await startGap()
  await gap.upload(0, 3)
  const { serial } = gap.primary
  const begin = await gap.make('begin', '--to', String(serial - 2))
  const end = await gap.make('end', '--from', String(serial))
  await gap.take(begin, '--primary-url', AWAY)

  const refused = await gap.take(end)

  assert.equal(refused.code, 1)
  assert.match(refused.output, new RegExp(`: change ${serial - 1} is missing\\.`))
  assert.match(refused.output, new RegExp(`wheelyard admin bundle --from ${serial - 1}`))
  assert.equal(await gap.serial(), serial - 2)
})

test('a bundle of another history is refused, with the serial where they part', async () => {
  await using gap = await startGap()
  await using other = await startApi({
    indexes: ['bob/dev', 'bob/more'],
    config: { secretFile: gap.secretFile },
  })
  await gap.take(await gap.make('own'), '--primary-url', AWAY)
  const before = await gap.serial()
  const file = gap.folder.join('other')
  const flags = ['--dir', other.folder.path, '--secret-file', gap.secretFile]
  const whole = await runCommand(['admin', 'bundle', file, ...flags], { cwd: gap.folder.path })
  const late = `${file}-late`
  const from = String(before + 1)
  const tail = await runCommand(['admin', 'bundle', late, '--from', from, ...flags], {
    cwd: gap.folder.path,
  })
  assert.deepEqual([whole.code, tail.code], [0, 0], whole.output + tail.output)

  const [all, after] = [await gap.take(file), await gap.take(late)]

  assert.match(all.output, /is of another history: its change \d+ is another one than here/)
  assert.match(after.output, new RegExp(`its change ${before} is another one than here`))
  assert.equal(await gap.serial(), before)
})

test('folders that are no replica, other secrets and what is no bundle are refused', async () => {
  await using gap = await startGap()
  await using other = await makeSharedSecret()
  const file = await gap.make('good')
  const page = await gap.folder.write('page.html', '<!DOCTYPE html>')
  const text = await readFile(file, 'latin1')
  const later = await gap.folder.write('later', text.replace(',1,', ',2,'))
  const { path } = gap.replica
  const cwd = gap.folder.path
  const take = (dir: string, secret: string, ...flags: string[]) =>
    runCommand(['admin', 'import-bundle', file, '--dir', dir, '--secret-file', secret, ...flags], {
      cwd,
    })

  const answers = [
    await gap.take(file),
    await take(gap.primary.folder.path, gap.secretFile),
    await gap.take(page, '--primary-url', AWAY),
    await gap.take(later, '--primary-url', AWAY),
    await take(path, other.path, '--primary-url', AWAY),
    await runCommand(['admin', 'import-bundle', file, '--dir', path], { cwd }),
    await gap.take(gap.folder.join('nowhere'), '--primary-url', AWAY),
    await runCommand(
      ['admin', 'bundle', file, '--dir', gap.primary.folder.path, '--secret-file', gap.secretFile],
      { cwd },
    ),
  ]

  const reasons = [
    /holds no replica, and only a replica takes bundles/,
    /holds no replica/,
    /page\.html is no bundle/,
    /is a bundle in version 2, and this server knows 1/,
    /was not made with this secret, or was altered/,
    /signed with the secret that both servers share/,
    /nowhere cannot be read: there is no such file/,
    /good is there\./,
  ]
  for (const [at, reason] of reasons.entries()) {
    assert.equal(answers[at]?.code, 1)
    assert.match(answers[at]?.output ?? '', reason)
  }
  assert.deepEqual(await readdir(path), [])
})

test('a bundle that is altered in one byte or cut off is refused, and changes nothing', async () => {
  await using gap = await startGap()
  await gap.upload(0, 1)
  const { serial } = gap.primary
  const whole = await readFile(await gap.make('whole'))
  const file = gap.folder.join('broken')
  const last = whole.lastIndexOf(`[1,${serial},`)
  assert.ok(last > 0)

  for (const bytes of [
    altered(whole, whole.indexOf('{"') + 3),
    altered(whole, whole.indexOf('index/ada/dev')),
    altered(whole, last + 20),
    altered(whole, whole.length - 3),
    whole.subarray(0, last + 10),
    whole.subarray(0, -1),
    Buffer.concat([whole, Buffer.from('!')]),
  ]) {
    await writeFile(file, bytes)
    const refused = await gap.take(file, '--primary-url', AWAY)
    assert.equal(refused.code, 1, refused.output)
    assert.match(refused.output, /is not as it was made: (change \d+|its end)|was altered/)
    assert.equal(await gap.serial(), -1)
  }
  await writeFile(file, altered(whole, last + 20))
  const named = await gap.take(file)
  assert.match(named.output, new RegExp(`made: change ${serial}, or a file of it, is altered`))
})

function altered(bytes: Buffer, place: number): Buffer {
  const copy = Buffer.from(bytes)
  copy[place]! ^= 1
  return copy
}
