/** `devpi test`: tox runs a release's own tests, and the results lie beside its files. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { linesOf, makeDevpi, openDevpi } from '../../support/devpi-client.ts'
import { startSite, type Site } from '../../support/devpi-site.ts'
import { assertDone } from '../../support/installers.ts'
import { makeSdist, makeWheel, type Distribution } from '../../support/wheel.ts'

let site: Site
before(async () => {
  site = await startSite({
    stages: ['ada/dev', { name: 'ada/closed', acl_toxresult_upload: [] }, 'ada/plain'],
  })
})
after(() => site[Symbol.asyncDispose]())

/** An sdist whose tests run this line of Python; further settings may say with what. */
function tested(name: string, line: string, settings = 'skip_install = true'): Distribution {
  const ini = `[testenv]\n${settings}\ncommands = python -c "${line}"\n[testenv:other]\n`
  return makeSdist(name, '1.0', { extraFiles: { [`${name}-1.0/tox.ini`]: ini } })
}

// devpi-http 12: 23, 122, 123
test('devpi test runs the tests of sdist and wheel, and devpi list shows the results', async () => {
  await using devpi = await openDevpi(site.url('ada/dev'))
  const sdist = tested('anchor', 'import anchor, rope', 'deps = rope')
  const wheel = makeWheel('anchor', '1.0', { tag: 'py2.py3-none-any' })
  assertDone(await devpi.upload([sdist, wheel, makeWheel('rope', '1.0')]))

  const listed = await devpi.ok('test', '--list', 'anchor')
  assert.match(listed, /would test:\n {3}http:\S+\/anchor-1\.0\.tar\.gz\n {3}http:\S+\.whl\n/)
  const run = await devpi.ok('test', 'anchor')
  assert.match(run, /received http:\/\/ada:\*\*\*\*@127\.0\.0\.1/)
  assert.equal(run.match(/posting tox result data to http:\S+\nsuccess\n/g)?.length, 2)
  const results = linesOf(await devpi.ok('list', '-t', 'anchor'))
  const ofTests = results.filter((line) => /^http| py /.test(line))
  assert.match(ofTests[0] ?? '', /\/anchor-1\.0-py2\.py3-none-any\.whl$/)
  assert.match(ofTests[1] ?? '', /^\S+ +linux +py +3\.\S+ tests passed$/)
  assert.match(ofTests[2] ?? '', /\/anchor-1\.0\.tar\.gz$/)
  assert.match(ofTests[3] ?? '', /^\S+ +linux +py +3\.\S+ tests passed$/)
  assert.equal(ofTests.length, 4)
  const links = await devpi.ok('getjson', 'anchor/1.0')
  assert.equal(links.match(/"rel": "toxresult"/g)?.length, 2)
  assert.equal(links.match(/"for_href": "http/g)?.length, 2)
})

test('devpi test ends with 1 when tests fail, and devpi list -f shows what failed', async () => {
  await using devpi = await openDevpi(site.url('ada/dev'))
  assertDone(await devpi.upload(tested('broken', "raise SystemExit('it leaks')")))

  const run = await devpi.refused('test', 'broken==1.0')
  assert.match(run, /posting tox result data to http:\S+\nsuccess\ntox command failed/)
  const results = await devpi.ok('list', '-f', 'broken')
  assert.match(results, /^\S+ +linux +py +3\.\S+ tests failed$/m)
  assert.match(results, /^ {4}FAIL: .*it leaks/m)
})

test('devpi test --no-upload keeps the result for itself', async () => {
  await using devpi = await openDevpi(site.url('ada/dev'))
  assertDone(await devpi.upload(tested('quiet', 'print(1)')))

  const options = ['-e', 'other', '--tox-args=-v', '--no-upload', '--index', 'ada/dev']
  const run = await devpi.ok('test', ...options, 'quiet')
  assert.match(run, /-eother/)
  assert.doesNotMatch(run, /posting/)
  assert.equal(linesOf(await devpi.ok('list', '-t', 'quiet')).length, 1)
})

test('devpi test --select tests the files that it names, with a configuration from elsewhere', async () => {
  await using devpi = await openDevpi(site.url('ada/plain'))
  assertDone(await devpi.upload([makeSdist('chosen', '1.0'), makeWheel('chosen', '1.0')]))
  const ini = '[testenv]\ncommands = python -c "import chosen"\n'
  const fallback = await devpi.home.write('fallback.ini', ini)

  const run = await devpi.ok('test', '-s', 'whl$', '--fallback-ini', fallback, 'chosen')
  assert.equal(run.match(/^posting tox result data to /gm)?.length, 1)
  const [wheel = '', ...results] = linesOf(await devpi.ok('list', '-t', 'chosen'))
  assert.match(wheel, /\/chosen-1\.0-py3-none-any\.whl$/)
  assert.match(results.join('\n'), /^\S+ +linux +py +3\.\S+ tests passed$/m)
})

// devpi-http 12: 122
test('who may not leave results is told so, and what there is stays', async () => {
  await using devpi = await openDevpi(site.url('ada/closed'))
  assertDone(await devpi.upload(tested('anchor', 'print(1)')))

  const run = await devpi.refused('test', 'anchor')
  assert.match(run, /403 Forbidden: .*tox/)
  assert.equal(linesOf(await devpi.ok('list', '-t', 'anchor')).length, 1)
})

test('devpi test says that there is nothing to test', async () => {
  await using devpi = await makeDevpi()
  await devpi.open(site.url('ada/plain'))
  assertDone(await devpi.upload([makeSdist('plain', '1.0'), makeWheel('wheel', '1.0')]))

  assert.match(await devpi.refused('test', 'nothing'), /could not find\/receive links for nothing/)
  assert.match(await devpi.refused('test', 'wheel'), /need at least one sdist distribution/)
  assert.match(
    await devpi.refused('test', 'plain'),
    /no tox\.ini\/pyproject\.toml\/setup\.cfg file/,
  )
})
