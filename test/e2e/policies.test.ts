/** Policies as installers meet them: the next best is chosen, and what is hidden cannot be had. */
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { advisory, osvZip } from '../support/advisories.ts'
import { makePip, makeUv } from '../support/clients.ts'
import { runCommand } from '../support/command.ts'
import { PASSWORD } from '../support/devpi-api.ts'
import {
  assertDone,
  assertFailed,
  assertInstalls,
  installerNames,
  makeInstaller,
} from '../support/installers.ts'
import { startStaticIndex } from '../support/static-index.ts'
import { makeTempFolder } from '../support/temp.ts'
import { makeWheel } from '../support/wheel.ts'
import { startYard, type Yard } from '../support/yard.ts'

const old = makeWheel('anchor', '1.0')
const young = makeWheel('anchor', '1.1')
const mast = makeWheel('mast', '2.0')
const files = [old, young, mast]

const startWorld = (upstream: { url(path?: string): string }, args: string[] = []): Promise<Yard> =>
  startYard({
    args,
    stages: [
      { name: 'ada/mirror', type: 'mirror', mirror_url: upstream.url('simple/') },
      { name: 'ada/dev', bases: ['ada/mirror'] },
    ],
  })

async function set(yard: Yard, index: string, options: object): Promise<void> {
  const authorization = `Basic ${Buffer.from(`ada:${PASSWORD}`).toString('base64')}`
  const reply = await fetch(yard.url(index), {
    method: 'PATCH',
    headers: { authorization, 'content-type': 'application/json' },
    body: JSON.stringify(options),
  })
  assert.equal(reply.status, 200, await reply.text())
}

test('what an advisory calls malicious is installed by nobody, not by a lock file either', async (t) => {
  await using folder = await makeTempFolder('osv')
  const feed = await folder.write(
    'all.zip',
    osvZip(advisory('MAL-1', 'anchor', { versions: ['1.1'] })),
  )
  await using upstream = await startStaticIndex(files)
  await using yard = await startWorld(upstream, ['--advisories', feed])
  const from = yard.url('ada/dev/+simple/')
  const locked = `anchor==1.1 --hash=sha256:${young.sha256}\n`
  await using pip = await makePip()
  const requirements = await folder.write('requirements.txt', locked)
  assertDone(await pip.install(['-r', requirements], from))

  await set(yard, 'ada/mirror', { advisories: 'malicious' })

  for (const name of installerNames) {
    await t.test(name, async () => {
      await assertInstalls(name, 'anchor', { from, expected: ['anchor-1.0'] })
      await using installer = await makeInstaller(name)
      assertFailed(await installer.install('anchor==1.1', from), /anchor/)
    })
  }
  await using other = await makePip()
  const known = ['-r', requirements, '--no-cache-dir']
  assertFailed(await other.install(known, from), /No matching distribution|Could not find/)
})

for (const [format, file] of [
  ['', 'uv.lock'],
  ['pylock.toml', 'pylock.toml'],
  ['requirements.txt', 'requirements.txt'],
] as const) {
  test(`an index that is the ${file} that uv made offers what is locked`, async () => {
    await using upstream = await startStaticIndex(files)
    await using yard = await startWorld(upstream)
    await using uv = await makeUv()
    await using folder = await makeTempFolder('locked')
    const from = yard.url('ada/dev/+simple/')
    await folder.write(
      'pyproject.toml',
      '[project]\nname = "app"\nversion = "0.1.0"\nrequires-python = ">=3.11"\ndependencies = ["anchor<1.1"]\n',
    )
    const run = (...args: string[]) =>
      uv.uv([...args, '--default-index', from, '--no-cache'], { cwd: folder.path })
    assertDone(await run('lock'))
    const exported = ['export', '--frozen', '--no-emit-project', '--format', format]
    if (format !== '') assertDone(await run(...exported, '--output-file', file))

    await set(yard, 'ada/dev', { constraints: await readFile(folder.join(file), 'utf8') })

    await assertInstalls('pip', 'anchor', { from, expected: ['anchor-1.0'] })
    await assertInstalls('uv', 'anchor', { from, expected: ['anchor-1.0'] })
    await using pip = await makePip()
    assertFailed(await pip.install('mast', from), /No matching distribution/)
  })
}

test('a rehearsed policy tells whom it would have hit', async () => {
  await using upstream = await startStaticIndex(files)
  await using yard = await startWorld(upstream)
  await using pip = await makePip()
  const from = yard.url('ada/dev/+simple/')
  await set(yard, 'ada/dev', { deny: 'anchor==1.1', policy_mode: 'observe' })
  assertDone(await pip.install('anchor', from))
  assert.deepEqual(await pip.installed(), ['anchor-1.1'])

  const address = yard.url('ada/dev').replace('://', `://ada:${PASSWORD}@`)
  const told = await runCommand(['rehearsal', address], { cwd: yard.folder })
  assert.equal(told.code, 0, told.output)
  assert.match(
    told.stdout,
    /once {2}127\.0\.0\.1 \(pip\) {2}anchor-1\.1\S+ {2}allow-deny: deny names/,
  )
})
