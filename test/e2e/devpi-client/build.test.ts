/** `devpi upload` in a project: what it builds, with which options, and sends. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { linesOf, openDevpi, sentFiles, uploadIn } from '../../support/devpi-client.ts'
import { startSite, type Site } from '../../support/devpi-site.ts'
import { assertDone } from '../../support/installers.ts'
import { realSetuptools, writeProject } from '../../support/python-project.ts'

let site: Site
before(async () => {
  const names = ['both', 'one', 'formats', 'toml', 'cfg', 'isolated']
  site = await startSite({ stages: names.map((name) => ({ name: `ada/${name}`, volatile: true })) })
})
after(() => site[Symbol.asyncDispose]())

test('devpi upload builds an sdist and a wheel of what git knows', async () => {
  await using devpi = await openDevpi(site.url('ada/both'))
  const folder = await writeProject(devpi, { name: 'anchor', files: { 'tests/test_a.py': '' } })
  await devpi.home.write('anchor/tests/test_secret.py', 'token = 1\n')

  const output = await uploadIn(devpi, folder, '--no-isolation')
  assert.match(output, /copied repo /)
  assert.match(output, /pre-build: cleaning dist\n/)
  assert.match(output, /built: dist\/anchor-1\.0\.tar\.gz \d+kb/)
  assert.deepEqual(sentFiles(output), ['anchor-1.0-py3-none-any.whl', 'anchor-1.0.tar.gz'])
  const listed = linesOf(await devpi.ok('list', 'anchor'))
  const sdist = await fetch(listed.find((file) => file.endsWith('.tar.gz')) ?? '')
  const path = await devpi.home.write('sdist.tar.gz', await sdist.bytes())
  const names = await devpi.run('python', ['-m', 'tarfile', '-l', path])
  assert.match(names.output, /anchor-1\.0\/tests\/test_a\.py/)
  assert.doesNotMatch(names.output, /secret/)
})

test('devpi upload builds only the kind of file that is asked for', async () => {
  await using devpi = await openDevpi(site.url('ada/one'))
  const folder = await writeProject(devpi, { name: 'anchor' })

  const sdist = await uploadIn(devpi, folder, '--no-isolation', '--sdist')
  const wheel = await uploadIn(devpi, folder, '--no-isolation', '--wheel', '--no-vcs')
  const dry = await uploadIn(devpi, folder, '--no-isolation', '--wheel', '--dry-run', '-v')

  assert.deepEqual(sentFiles(sdist), ['anchor-1.0.tar.gz'])
  assert.deepEqual(sentFiles(wheel), ['anchor-1.0-py3-none-any.whl'])
  assert.match(dry, /skipped: file_upload of anchor-1\.0-py3-none-any\.whl to /)
  assert.deepEqual(sentFiles(dry), [])
})

test('devpi upload --formats, which is deprecated, still builds', async () => {
  await using devpi = await openDevpi(site.url('ada/formats'))
  const setup = { 'setup.py': 'import setuptools\nsetuptools.setup()\n' }
  const folder = await writeProject(devpi, { name: 'anchor', files: setup })

  const sdist = await uploadIn(devpi, folder, '--no-isolation', '--formats', 'sdist.tgz')
  const wheel = await uploadIn(devpi, folder, '--no-isolation', '--formats', 'bdist_wheel')
  const zip = await uploadIn(devpi, folder, '--no-isolation', '--formats', 'sdist.zip')

  assert.match(sdist, /The --formats option is deprecated, replace it with --sdist/)
  assert.deepEqual(sentFiles(sdist), ['anchor-1.0.tar.gz'])
  assert.match(wheel, /The --formats option is deprecated, replace it with --wheel/)
  assert.deepEqual(sentFiles(wheel), ['anchor-1.0-py3-none-any.whl'])
  assert.match(zip, /The 'sdist\.zip' format is invalid for python -m build/)
  assert.deepEqual(sentFiles(zip), ['anchor-1.0.zip'])
})

test('devpi upload does what the project says in pyproject.toml or setup.cfg', async () => {
  await using devpi = await openDevpi(site.url('ada/toml'))
  const toml = '[tool.devpi.upload]\nwheel = true\nno-vcs = true\n'
  const cfg = { 'setup.cfg': '[devpi:upload]\nsdist = yes\nsetupdir-only = 1\n' }
  const withToml = await writeProject(devpi, { name: 'anchor', toml })
  const withCfg = await writeProject(devpi, { name: 'rope', files: cfg })

  const wheel = await uploadIn(devpi, withToml, '--no-isolation')
  const sdist = await uploadIn(devpi, withCfg, '--no-isolation')

  assert.match(wheel, /Got wheel=True from pyproject\.toml \[tool\.devpi\.upload\]/)
  assert.deepEqual(sentFiles(wheel), ['anchor-1.0-py3-none-any.whl'])
  assert.match(sdist, /Got sdist='yes' from setup\.cfg \[devpi:upload\]/)
  assert.deepEqual(sentFiles(sdist), ['rope-1.0.tar.gz'])
})

test('an isolated build gets what it needs from the index', async () => {
  await using devpi = await openDevpi(site.url('ada/isolated'))
  assertDone(await devpi.upload(await realSetuptools(devpi)))
  const folder = await writeProject(devpi, { name: 'anchor' })
  const env = { PIP_INDEX_URL: site.url('ada/isolated/+simple/') }

  const built = await devpi.devpi(['upload', '--wheel'], { cwd: folder, env })
  assertDone(built)
  assert.deepEqual(sentFiles(built.output), ['anchor-1.0-py3-none-any.whl'])
})

test('devpi upload says why nothing could be built, and sends nothing', async () => {
  await using devpi = await openDevpi(site.url('ada/cfg'))
  const folder = await writeProject(devpi, { name: 'anchor', toml: '[broken' })

  const failed = await devpi.devpi(['upload', '--no-isolation'], { cwd: folder })
  assert.equal(failed.code, 1, failed.output)
  assert.deepEqual(sentFiles(failed.output), [])
  assert.deepEqual(linesOf(await devpi.ok('list')), [])
})
