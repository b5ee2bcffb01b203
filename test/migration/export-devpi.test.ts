/** What was here is at a real devpi-server after devpi-import has read our export, and back again. */
import assert from 'node:assert/strict'
import { readdir, readFile, rm } from 'node:fs/promises'
import { after, before, test } from 'node:test'
import { Speaker } from '../oracle/speaker.ts'
import type { Step } from '../oracle/step.ts'
import { runCommand, startCommand } from '../support/command.ts'
import { logIn } from '../support/devpi-api.ts'
import { devpiExport, devpiImport } from '../support/devpi-export.ts'
import { later, mirrored, worldSteps } from '../support/devpi-world.ts'
import { assertDone } from '../support/installers.ts'
import { readSite, type SiteContent } from '../support/site-content.ts'
import { startStaticIndex } from '../support/static-index.ts'
import { makeTempFolder, type TempFolder } from '../support/temp.ts'
import { startDevpiServer } from '../support/upstream.ts'
import { startYard, type Yard } from '../support/yard.ts'

let home: TempFolder
let yard: Yard
let speaker: Speaker
const stack = new AsyncDisposableStack()

async function say(steps: readonly Step[]): Promise<void> {
  for (const step of steps) {
    const { status, reason } = await speaker.say(step)
    assert.ok(status < 400, `${step.ask}: ${status} ${reason}`)
  }
}

before(async () => {
  home = stack.use(await makeTempFolder('export-devpi'))
  const upstream = await startStaticIndex([{ ...mirrored, requiresPython: '>=3.6' }])
  stack.defer(() => upstream.close())
  yard = stack.use(await startYard())
  speaker = stack.use(await Speaker.open(yard.url()))
  await say(worldSteps(upstream.url('simple/')))
  const page = yard.url('/root/far/+simple/chain/')
  const [, path = ''] = /href="([^"#]+)/.exec(await (await fetch(page)).text()) ?? []
  await (await fetch(new URL(path, page))).arrayBuffer()
})
after(() => stack.disposeAsync())

const exportTo = (to: string, ...options: readonly string[]) =>
  runCommand(['admin', 'export-devpi', to, '--dir', yard.folder, ...options], { cwd: home.path })

/** Without when users were changed last: for devpi-import that is now. */
async function read(server: { url(): string }): Promise<SiteContent> {
  const site = await readSite({ url: server.url(), without: ['root/far'] })
  const users = Object.entries(site.users).map(([name, user]) => {
    const { modified: _when, ...rest } = user as { modified?: string }
    return [name, rest] as const
  })
  return { ...site, users: Object.fromEntries(users) }
}

test('devpi-import takes our export, and devpi-server shows the same; so do we after its own export', async () => {
  const ran = await exportTo('export', '--include-mirrored-files')
  const imported = await devpiImport(home.join('export'), home.join('devpi'))

  assertDone(ran)
  assert.equal(imported.code, 0, imported.output)
  await using devpi = await startDevpiServer({ from: home.join('devpi') })
  const ours = await read(yard)
  assert.deepEqual(await read(devpi), ours)
  assert.equal(Object.keys(ours.files).length, 11)
  assert.ok(await logIn(devpi.url(), 'alice', 'pw'))
  const far = await (await fetch(devpi.url('/root/far/+simple/chain/'))).text()
  assert.match(far, new RegExp(`chain-3\\.0-py3-none-any\\.whl#sha256=${mirrored.sha256}`))

  await devpiExport(devpi.folder, home.join('back'), ['--include-mirrored-files'])
  const args = ['admin', 'import-devpi', 'back', '--dir', home.join('round')]
  assertDone(await runCommand(args, { cwd: home.path }))
  await using round = await startYard({ folder: home.join('round') })
  assert.deepEqual(await read(round), ours)
})

test('again, only what is new is written and what is gone is removed; by links nothing is copied', async () => {
  const first = await exportTo('again', '--hard-links')
  await say(later)
  const second = await exportTo('again', '--hard-links')
  const third = await exportTo('again', '--hard-links')
  const copied = await exportTo('copied')
  const same = await exportTo('copied')

  assertDone(first)
  assert.match(first.stdout, /files: 11 written \(.*\), 0 already there, 0 removed/)
  assert.match(second.stdout, /files: 2 written \(.*\), 10 already there, 1 removed/)
  assert.match(third.stdout, /files: 0 written \(.*\), 12 already there, 0 removed/)
  assert.match(copied.stdout, /files: 12 written/)
  assert.match(same.stdout, /files: 0 written \(.*\), 12 already there/)
  const index = JSON.parse(await readFile(home.join('again/dataindex.json'), 'utf8')) as {
    indexes: Record<string, { files?: { relpath: string }[] }>
  }
  assert.deepEqual(Object.keys(index.indexes), ['alice/dev', 'alice/prod', 'carol/new', 'root/far'])
  assert.equal(index.indexes['root/far']?.files, undefined)
  const args = ['admin', 'import-devpi', 'again', '--dir', home.join('taken')]
  assertDone(await runCommand(args, { cwd: home.path }))
})

test('an export that was killed goes on; a folder with other things is left alone', async () => {
  const args = ['admin', 'export-devpi', 'killed', '--dir', yard.folder]
  const first = startCommand(args, { cwd: home.path })
  await first.until(() => (/^\[2\//m.test(first.stderr) ? true : undefined))
  await first.kill('SIGKILL')
  await rm(home.join('killed/dataindex.json'), { force: true })
  const half = await runCommand(['admin', 'import-devpi', 'killed', '--dir', home.join('half')], {
    cwd: home.path,
  })
  const second = await runCommand(args, { cwd: home.path })
  await home.write('mine/notes.txt', 'mine')
  const strange = await exportTo('mine')

  assert.match(
    half.output,
    /has no dataindex\.json: .* one that was not finished\. Nothing was changed/,
  )
  assertDone(second)
  assert.equal(strange.code, 1)
  assert.match(strange.output, /mine must be empty, or an export that was made by this program/)
  assert.deepEqual(await readdir(home.join('mine')), ['notes.txt'])
})
