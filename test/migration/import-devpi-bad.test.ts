/** What is wrong with an export is named, all of it together, and nothing is changed. */
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { rm, symlink } from 'node:fs/promises'
import { test } from 'node:test'
import { sha256 } from '#base/digest'
import { runCommand } from '../support/command.ts'
import { logIn } from '../support/devpi-api.ts'
import { assertDone } from '../support/installers.ts'
import { makeTempFolder, type TempFolder } from '../support/temp.ts'
import { makeWheel } from '../support/wheel.ts'
import { startYard } from '../support/yard.ts'

const file = makeWheel('anchor', '1.0')
const RELPATH = `ada/dev/anchor/1.0/${file.filename}`

const desc = (more: object = {}): object => ({
  type: 'releasefile',
  projectname: 'anchor',
  version: '1.0',
  relpath: RELPATH,
  entrymapping: {
    last_modified: 'Sat, 21 Nov 2026 20:32:24 GMT',
    hash_spec: `sha256=${file.sha256}`,
    project: 'anchor',
    version: '1.0',
  },
  log: [{ what: 'upload', who: 'ada', when: [2026, 11, 21, 20, 32, 24], dst: 'ada/dev' }],
  ...more,
})

const index = (more: object = {}, config: object = {}): object => ({
  indexconfig: { type: 'stage', volatile: true, bases: [], ...config },
  projects: { anchor: { '1.0': { name: 'anchor', version: '1.0' } } },
  files: [desc()],
  ...more,
})

const dump = (more: object = {}): object => ({
  users: { root: { username: 'root' }, ada: { username: 'ada' } },
  indexes: { 'ada/dev': index() },
  dumpversion: '2',
  ...more,
})

async function writeExport(home: TempFolder, content: object | string = dump()): Promise<void> {
  await rm(home.join('export'), { recursive: true, force: true })
  await home.write(`export/${RELPATH}`, file.bytes)
  const text = typeof content === 'string' ? content : JSON.stringify(content)
  await home.write('export/dataindex.json', text)
}

const run = (home: TempFolder, ...options: readonly string[]) =>
  runCommand(['admin', 'import-devpi', 'export', '--dir', home.join('data'), ...options], {
    cwd: home.path,
  })

async function assertRefused(home: TempFolder, ...says: readonly RegExp[]): Promise<void> {
  const { code, output } = await run(home)
  assert.equal(code, 1, output)
  for (const pattern of says) assert.match(output, pattern)
  assert.match(output, /Nothing was changed/)
  assert.doesNotMatch(output, /\n {4}at /, 'no stack')
  assert.equal(existsSync(home.join('data')), false, 'no data folder was made')
}

test('a folder that is no export, or one that is half written, is refused', async () => {
  await using home = await makeTempFolder('bad-export')
  const text = JSON.stringify(dump())

  await assertRefused(
    home,
    /has no dataindex\.json: it is no export of devpi's, or one that was not/,
  )
  await writeExport(home, text.slice(0, -40))
  await assertRefused(home, /dataindex\.json is broken: the file ends in the middle at byte \d+/)
  await writeExport(home, 'hello')
  await assertRefused(home, /dataindex\.json is broken: there is no JSON object at byte 0/)
})

test('an unknown version of the format is refused', async () => {
  await using home = await makeTempFolder('bad-export')
  for (const [dumpversion, says] of [
    ['3', /has 3; dump versions 1 and 2 are known/],
    [undefined, /names none; dump versions/],
  ] as const) {
    await writeExport(home, dump({ dumpversion }))
    await assertRefused(home, says)
  }
})

test('all that is wrong is told together', async () => {
  await using home = await makeTempFolder('bad-export')
  await writeExport(
    home,
    dump({
      users: { root: {}, ada: {}, 'b/d': {}, 'so so': {} },
      indexes: {
        'ada/dev': index({
          files: [
            desc({ relpath: '../outside.whl' }),
            desc({ relpath: '/etc/passwd' }),
            desc({ relpath: 'ada\\..\\..\\x.whl' }),
            desc({ relpath: 'ada/dev/anchor/1.0/missing-1.0.tar.gz' }),
            desc({ type: 'other' }),
            desc({ projectname: 'nowhere' }),
            17,
          ],
        }),
        'ada/one': index({}, { bases: ['ada/two'] }),
        'ada/two': index({}, { bases: ['ada/three'] }),
        'ada/three': index({}, { bases: ['ada/one', 'ada/three'] }),
        'ada/odd': index({}, { type: 'constrained' }),
        'ada/bad': index({}, { mirror_whitelist_inheritance: 'both' }),
        'ada/a b': index(),
        'eve/dev': index(),
        'ada/none': {},
      },
    }),
  )
  await assertRefused(
    home,
    /user b\/d: no user can be called so/,
    /user so so: no user can be called so/,
    /ada\/dev: file number 1: its path "\.\.\/outside\.whl" leads out of the export/,
    /ada\/dev: file number 2: its path "\/etc\/passwd" leads out/,
    /ada\/dev: file number 3: its path .* leads out/,
    /missing-1\.0\.tar\.gz: the file is missing/,
    /file number 5: its type "other" is not known/,
    /ada\/dev: nowhere: it has files, and is not among the projects/,
    /file number 7: it is no object/,
    /ada\/one, ada\/three, ada\/two: these indexes inherit from each other in a circle/,
    /ada\/odd: its type "constrained" is not known here; --skip-import-type leaves it out/,
    /ada\/bad: Unknown value 'both' for mirror_whitelist_inheritance/,
    /index ada\/a b: no index can be called so/,
    /index eve\/dev: there is no user eve/,
    /index ada\/none: it has no indexconfig/,
  )
})

test('a path through a link out of the export is refused', async () => {
  await using home = await makeTempFolder('bad-export')
  await home.write(`elsewhere/1.0/${file.filename}`, file.bytes)
  await writeExport(home)
  await rm(home.join('export/ada/dev/anchor'), { recursive: true })
  await symlink(home.join('elsewhere'), home.join('export/ada/dev/anchor'))

  await assertRefused(home, /leads out of the export through a link/)
})

test('a file with another hash is named; all else is here, and it goes on once that is mended', async () => {
  await using home = await makeTempFolder('bad-export')
  const other = makeWheel('rope', '1.0')
  const second = desc({ projectname: 'rope', relpath: 'ada/dev/rope.whl', entrymapping: {} })
  const projects = { anchor: { '1.0': { name: 'anchor' } }, rope: { '1.0': {} } }
  const wrong = { hash_spec: `sha256=${sha256('x')}`, md5: 'e'.repeat(32) }
  const broken = { files: [desc({ entrymapping: wrong }), second], projects }
  await writeExport(home, dump({ indexes: { 'ada/dev': index(broken) } }))
  await home.write('export/ada/dev/rope.whl', other.bytes)

  const first = await run(home)
  const skipping = await run(home, '--skip-broken')
  await writeExport(
    home,
    dump({ indexes: { 'ada/dev': index({ ...broken, files: [desc(), second] }) } }),
  )
  await home.write('export/ada/dev/rope.whl', other.bytes)
  const mended = await run(home)

  assert.equal(first.code, 1, first.output)
  assert.match(
    first.output,
    /anchor-1\.0-py3-none-any\.whl: its (md5|sha256) is [0-9a-f]+, and should/,
  )
  assert.match(first.output, /1 files were not taken over\. All else is here/)
  assert.equal(skipping.code, 0, skipping.output)
  assertDone(mended)
  assert.match(mended.stdout, /files: 2 taken over|files: 1 taken over, 1 already here/)
})

test('a folder with other data is refused', async () => {
  await using home = await makeTempFolder('bad-export')
  await writeExport(home)
  await using yard = await startYard({ stages: ['ada/dev'] })

  const args = ['admin', 'import-devpi', 'export', '--dir', yard.folder]
  const { code, output } = await runCommand(args, { cwd: home.path })

  assert.equal(code, 1)
  assert.match(output, /already has users or indexes that no import brought/)
  assert.ok(await logIn(yard.url(), 'ada', 'pw'))
})

test("dumps of version 1, with devpi's old hashes, names and options, are taken over", async () => {
  await using home = await makeTempFolder('old-export')
  const salt = 'c2FsdCBhbmQgcGVwcGVy'
  const old = makeWheel('An_chor', '1.2')
  const users = {
    root: { pwsalt: salt, pwhash: sha256(`${salt}secret`) },
    ada: { username: 'ada', email: '', nickname: 'x' },
  }
  const config = { type: 'stage', volatile: false, bases: ['ada/gone'], uploadtrigger_jenkins: 'x' }
  const entry = { md5: 'not one', last_modified: 'Sat, 21 Nov 2026 20:32:24 GMT', hash_spec: '' }
  const relpath = `ada/dev/An_chor/${old.filename}`
  const files = [
    { type: 'releasefile', projectname: 'An_chor', relpath, entrymapping: entry },
    {
      type: 'toxresult',
      projectname: 'An_chor',
      version: '1.2',
      relpath: `ada/dev/An_chor/md5/${old.filename}.toxresult0`,
      for_entrypath: `ada/dev/+f/md5/${old.filename}`,
      entrymapping: { last_modified: 'Sat, 21 Nov 2026 20:32:59 GMT' },
      log: [{ what: 'upload', who: null, when: [2026, 11, 21, 20, 33, 0], dst: 'ada/dev' }],
    },
  ]
  const projects = { An_chor: { '1.2': { name: 'An_chor', version: '1.2', '+doczip': 'x' } } }
  const indexes = {
    'ada/dev': { files, indexconfig: { ...config, pypi_whitelist: ['rope'] }, projects },
    'root/pypi': { indexconfig: { type: 'mirror', volatile: false, bases: [] }, projects: [] },
  }
  await writeExport(home, dump({ users, indexes, dumpversion: '1', uuid: 'x', secret: 'y' }))
  await home.write(`export/${relpath}`, old.bytes)
  await home.write(`export/ada/dev/An_chor/md5/${old.filename}.toxresult0`, '{}')

  const ran = await run(home, '--no-root-pypi')

  assertDone(ran)
  assert.match(ran.output, /Note: user ada: the field nickname was left out/)
  assert.match(ran.output, /Note: index ada\/dev: uploadtrigger_jenkins was left out/)
  assert.match(ran.output, /Note: index ada\/gone: it is a base of others, and not there/)
  await using yard = await startYard({ folder: home.join('data') })
  assert.ok(await logIn(yard.url(), 'root', 'secret'))
  await assert.rejects(logIn(yard.url(), 'root', 'Secret'), /401/)
  await assert.rejects(logIn(yard.url(), 'ada', ''), /401/)
  const headers = { accept: 'application/json' }
  const ask = async (path: string) =>
    ((await (await fetch(yard.url(path), { headers })).json()) as { result: object }).result
  assert.deepEqual(await ask('/ada/dev'), {
    type: 'stage',
    volatile: false,
    bases: ['ada/gone'],
    acl_upload: ['ada'],
    acl_toxresult_upload: [':ANONYMOUS:'],
    mirror_whitelist: ['rope'],
    mirror_whitelist_inheritance: 'union',
    projects: ['an-chor'],
  })
  const release = (await ask('/ada/dev/an-chor/1.2')) as Record<string, unknown>
  const links = release['+links'] as { rel: string; href: string }[]
  assert.deepEqual(
    links.map(({ rel }) => rel),
    ['releasefile', 'toxresult'],
  )
  const served = await Promise.all(links.map(({ href }) => fetch(href)))
  assert.deepEqual(
    served.map(({ status, headers: sent }) => [status, sent.get('last-modified')]),
    [
      [200, 'Sat, 21 Nov 2026 20:32:24 GMT'],
      [200, 'Sat, 21 Nov 2026 20:32:59 GMT'],
    ],
    'as old as they were, whenever that was logged',
  )
})

test('an export that is larger than memory is taken over', async () => {
  await using home = await makeTempFolder('large-export')
  const description = 'A long story. '.repeat(15_000)
  const releases = Array.from({ length: 500 }, (_, n) => [
    `${n}.0`,
    { name: 'anchor', version: `${n}.0`, description },
  ])
  const projects = { anchor: Object.fromEntries(releases) as object }
  await writeExport(home, dump({ indexes: { 'ada/dev': index({ projects, files: [] }) } }))

  const args = ['admin', 'import-devpi', 'export', '--dir', home.join('data')]
  const ran = await runCommand(args, { cwd: home.path, node: ['--max-old-space-size=64'] })

  assertDone(ran)
  assert.match(ran.stdout, /releases: 500/)
})
