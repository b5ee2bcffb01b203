/** What is built on the devpi client and reads what it prints: devpi-plumber, devpi-cleaner and devpi-builder. */
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { makeClient, writeDistributions } from '../../support/client.ts'
import { linesOf, openDevpi } from '../../support/devpi-client.ts'
import { startSite, type Site } from '../../support/devpi-site.ts'
import { assertDone, assertFailed } from '../../support/installers.ts'
import type { RunResult } from '../../support/process.ts'
import { makeSdist, makeWheel } from '../../support/wheel.ts'

let site: Site
before(async () => {
  const volatile = { volatile: true }
  site = await startSite({
    stages: [
      { name: 'ada/clean', ...volatile },
      'ada/prod',
      'eve/one',
      { name: 'eve/two', ...volatile },
      'ada/sources',
      { name: 'ada/wheels', bases: ['ada/sources'] },
      'ada/pure',
    ],
  })
})
after(() => site[Symbol.asyncDispose]())

const versions = (...all: string[]) => all.map((version) => makeWheel('anchor', version))

test('devpi-plumber prepares, fills, cleans and removes indexes', async () => {
  await using client = await makeClient('clients')
  const files = [...versions('1.0', '2.0'), makeSdist('rope', '1.0')]
  await writeDistributions(client.home, files)
  const script = join(import.meta.dirname, 'plumber_jobs.py')

  const run = await client.run('python', [script, site.url(), client.home.join('dist')])
  assertDone(run)
  assert.deepEqual(JSON.parse(run.stdout), {
    root: 'root',
    users: ['ada', 'eve', 'pat', 'root'],
    user: 'pat',
    address: true,
    indices: ['pat/dev', 'pat/old'],
    dry: [],
    projects: ['anchor', 'rope'],
    files: ['anchor-2.0-py3-none-any.whl', 'anchor-1.0-py3-none-any.whl'],
    missing: [],
    type: 'versiondata',
    refused: true,
    nonvolatile: 'Index pat/dev is not volatile.',
    volatile: true,
    again: true,
    left: ['anchor-2.0-py3-none-any.whl'],
    'indices at the end': ['pat/dev'],
    'users at the end': ['ada', 'eve', 'root'],
    nobody: null,
    'wrong password': true,
  })
})

async function clean(user: string, ...args: string[]): Promise<RunResult> {
  await using client = await makeClient('clients')
  const login = ['--login', user, '--password', 'pw']
  return await client.run('devpi-cleaner', [site.url(), ...args, '--batch', ...login])
}

test('devpi-cleaner removes the versions that a specification, a kind or a pattern names', async () => {
  await using devpi = await openDevpi(site.url('ada/clean'))
  const all = ['1.0', '1.1.dev3', '1.1', '2.0.dev1', '2.0', '3.0']
  assertDone(await devpi.upload([...versions(...all), makeSdist('anchor', '1.0')]))
  const left = async (): Promise<string[]> =>
    linesOf(await devpi.ok('list', '-v', '--all')).map((line) => line.replace('anchor==', ''))

  const dev = await clean('ada', 'ada/clean', 'anchor', '--dev-only')
  assertDone(dev)
  assert.match(dev.output, /Packages to be deleted from ada\/clean: \n/)
  assert.match(dev.output, /^ \* anchor 1\.1\.dev3 on ada\/clean$/m)
  assert.deepEqual(await left(), ['1.0', '1.1', '2.0', '3.0'])
  assertDone(await clean('ada', 'ada/clean', 'anchor', '--version-filter', '^2'))
  assert.deepEqual(await left(), ['1.0', '1.1', '3.0'])
  assertDone(await clean('ada', 'ada/clean', 'anchor<3'))
  assert.deepEqual(await left(), ['3.0'])
  assertDone(await clean('ada', 'ada/clean', 'nothing'))
})

test('devpi-cleaner goes through all indexes of a user, and forces those that are not volatile', async () => {
  await using devpi = await openDevpi(site.url('eve/one'), { user: 'eve', password: 'pw' })
  assertDone(await devpi.upload(versions('1.0', '2.0')))
  assertDone(await devpi.upload(versions('1.0', '2.0'), '--index', 'eve/two'))

  const refused = await clean('eve', 'eve', 'anchor<2')
  assertFailed(refused, /Index eve\/one is not volatile\./)
  assertDone(await clean('eve', 'eve', 'anchor<2', '--force'))
  for (const index of ['eve/one', 'eve/two']) {
    assert.deepEqual(linesOf(await devpi.ok('list', '-v', '--all', '--index', index)), [
      'anchor==2.0',
    ])
  }
  assert.match(await devpi.ok('index', 'eve/one'), /volatile=False/)
})

test('devpi-cleaner says what it may not do', async () => {
  await using devpi = await openDevpi(site.url('ada/prod'))
  assertDone(await devpi.upload(versions('1.0')))

  assertFailed(await clean('eve', 'ada/prod', 'anchor', '--force'), /403 Forbidden/)
  assert.deepEqual(linesOf(await devpi.ok('list', '-v')), ['anchor==1.0'])
})

test('devpi-builder builds the wheels that an index lacks, and no others', async () => {
  await using devpi = await openDevpi(site.url('ada/sources'))
  assertDone(await devpi.upload([makeSdist('rope', '1.0'), makeSdist('chain', '2.0')]))
  const env = { PIP_INDEX_URL: site.url('ada/sources/+simple/') }
  const list = await devpi.home.write('wanted.txt', 'rope==1.0\nchain==2.0\n')
  const login = ['--batch', '--user', 'ada', '--password', 'pw']
  const build = (...args: string[]) =>
    devpi.run('devpi-builder', [list, site.url('ada/wheels'), ...login, ...args], { env })
  const wheels = async (index: string): Promise<string[]> =>
    linesOf(await devpi.ok('list', '-v', '--index', index, '--ignore-bases'))
  const except = await devpi.home.write('except.txt', 'chain\n')

  assertDone(await build('--dry-run'))
  assert.deepEqual(await wheels('ada/wheels'), [])
  const first = await build('--blacklist', except)
  assertDone(first)
  assert.match(first.output, /Building rope 1\.0/)
  assert.deepEqual(await wheels('ada/wheels'), ['rope==1.0'])
  const report = devpi.home.join('report.xml')
  const second = await build('--pure-index', site.url('ada/pure'), '--junit-xml', report)
  assertDone(second)
  assert.doesNotMatch(second.output, /Building rope/)
  assert.deepEqual(await wheels('ada/pure'), ['chain==2.0'])
  assert.match(await readFile(report, 'utf8'), /rope 1\.0 as is already available on the index/)
})
