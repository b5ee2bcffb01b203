import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { after, test } from 'node:test'
import { UsedWrongly } from '#base/used-wrongly'
import { isLoopback, makeConfig, readConfig } from './config.ts'
import { settings, variableOf } from './config-settings.ts'

const folder = mkdtempSync(join(tmpdir(), 'config-'))
after(() => rmSync(folder, { recursive: true }))

let files = 0
function writeNew(text: string): string {
  const path = join(folder, `file-${files++}`)
  writeFileSync(path, text)
  return path
}

interface Given {
  readonly flags?: Readonly<Record<string, string | undefined>>
  readonly env?: Readonly<Record<string, string>>
  readonly file?: string
}

function read({ flags = {}, env = {}, file }: Given) {
  const given = file === undefined ? flags : { config: writeNew(file), ...flags }
  const list = Object.entries(given).map(([name, value]) => ({ name, value }))
  return readConfig({ flags: list, env, cwd: '/start' })
}

async function mistakesOf(given: Given): Promise<readonly string[]> {
  const error = await read(given).catch((reason: unknown) => reason)
  assert.ok(error instanceof UsedWrongly, 'nothing was wrong')
  return error.mistakes
}

test('without any setting a server keeps to this machine, on port 3141', async () => {
  const { config } = await read({})

  assert.equal(config.dir, '/start/wheelyard-data')
  assert.equal(config.host, '127.0.0.1')
  assert.equal(config.port, 3141)
  assert.equal(config.noRootPypi, false)
  assert.equal(config.requestTimeout, 5000)
  assert.equal(config.mirrorCacheExpiry, 30 * 60_000)
  assert.equal(config.loginExpiry, 36_000_000)
  assert.equal(config.outsideUrl, undefined)
})

test('a flag beats the environment, which beats the file, which beats the default', async () => {
  const flags = { port: '1' }
  const env = { WHEELYARD_PORT: '2', WHEELYARD_HOST: 'two.example.org' }
  const file = 'port = 3\nhost = "three.example.org"\nlog-level = "warn"'

  const { config, settings: effective } = await read({ flags, env, file })

  assert.equal(config.port, 1)
  assert.equal(config.host, 'two.example.org')
  assert.equal(config.logLevel, 'warn')
  assert.equal(config.drainTimeout, 10_000)
  const origins = new Map(effective.map(({ name, from }) => [name, from]))
  assert.equal(origins.get('port'), 'the command line')
  assert.equal(origins.get('host'), 'the environment (WHEELYARD_HOST)')
  assert.equal(origins.get('log-level'), config.config)
  assert.equal(origins.get('drain-timeout'), 'the default')
})

test('all mistakes are reported together, each with where it stands', async () => {
  const flags = { port: 'abc', 'request-timeout': '0s' }
  const env = { WHEELYARD_OUTSIDE_URL: 'packages.example.org' }
  const file = 'max-upload-size = "big"\nlog-level = ["info"]\nhosst = "x"'

  const mistakes = (await mistakesOf({ flags, env, file })).toSorted()

  assert.deepEqual(
    mistakes.map((mistake) => mistake.replace(/from \S+file-\d+/, 'from FILE')),
    [
      "--port: 'abc' is not a port number (0 to 65535) (from the command line)",
      "--request-timeout: '0s' is not a time to wait, such as 5s or 2m (above 0, at most 24d) (from the command line)",
      "WHEELYARD_OUTSIDE_URL: 'packages.example.org' is not an address such as " +
        'https://packages.example.org/path, without ? and # and password (from the environment)',
      'hosst: there is no such setting; did you mean host? (from FILE)',
      'log-level: a list or table is not one of debug, info, warn, error, silent (from FILE)',
      "max-upload-size: 'big' is not a size, such as 64MB or 4GiB (above 0) (from FILE)",
    ],
  )
})

test('a flag that lacks its value says what it needs', async () => {
  const mistakes = await mistakesOf({ flags: { port: undefined, host: undefined } })

  assert.deepEqual(mistakes, [
    '--port: needs a value, a port number (0 to 65535) (from the command line)',
    '--host: needs a value, a host name or address (from the command line)',
  ])
})

test('a mistake in the environment is told even where a flag overrules it', async () => {
  const given = { flags: { port: '80' }, env: { WHEELYARD_PORT: '80000' } }

  assert.match((await mistakesOf(given))[0]!, /^WHEELYARD_PORT: '80000' is not a port number/)
})

test('a misspelt variable is a mistake, and the right one is named', async () => {
  assert.deepEqual(await mistakesOf({ env: { WHEELYARD_PROT: '80' } }), [
    'WHEELYARD_PROT: there is no such setting; did you mean WHEELYARD_PORT? (from the environment)',
  ])
})

test('the variables that a cluster sets for a service of this name are no settings', async () => {
  const env = {
    WHEELYARD_SERVICE_HOST: '192.0.2.1',
    WHEELYARD_PORT: 'tcp://192.0.2.1:3141',
    WHEELYARD_PORT_3141_TCP_ADDR: '192.0.2.1',
  }

  assert.equal((await read({ env })).config.port, 3141)
})

test('an empty variable counts as unset', async () => {
  assert.equal((await read({ env: { WHEELYARD_PORT: '' } })).config.port, 3141)
})

test('a settings file that is missing or no TOML is a mistake of who named it', async () => {
  const [missing] = await mistakesOf({ flags: { config: '/nowhere.toml' } })
  const [broken] = await mistakesOf({ file: 'port = 80\nport 81' })

  assert.equal(
    missing,
    '--config: /nowhere.toml cannot be read: there is no such file (from the command line)',
  )
  assert.match(broken!, /^--config: \S+ is not valid TOML, line 2: .+ \(from the command line\)$/)
})

test('a settings file cannot name another one', async () => {
  assert.match(
    (await mistakesOf({ file: 'config = "x"' }))[0]!,
    /^config: there is no such setting/,
  )
})

test('the file may be named by the environment, and its numbers and switches need no quotes', async () => {
  const path = writeNew('port = 0\nno-root-pypi = true\nrequest-timeout = 2.5')

  const { config } = await read({ env: { WHEELYARD_CONFIG: path } })

  assert.deepEqual([config.port, config.noRootPypi, config.requestTimeout], [0, true, 2500])
})

test('a path begins where it is written: in the working folder, in that of the file, or at home', async () => {
  const inFile = await read({ file: 'dir = "store"' })
  const inFlag = await read({ flags: { dir: 'store' } })
  const atHome = await read({ env: { WHEELYARD_DIR: '~/store' } })

  assert.equal(inFile.config.dir, join(folder, 'store'))
  assert.equal(inFlag.config.dir, '/start/store')
  assert.equal(atHome.config.dir, join(homedir(), 'store'))
})

test("devpi's --serverdir is --dir, and its plain numbers are seconds and bytes", async () => {
  const flags = {
    serverdir: '/srv/data',
    'mirror-cache-expiry': '1800',
    'max-request-body-size': '1073741824',
  }

  const { config } = await read({ flags })

  assert.equal(config.dir, '/srv/data')
  assert.equal(config.mirrorCacheExpiry, 1_800_000)
  assert.equal(config.maxRequestBodySize, 2 ** 30)
})

test('an outside address loses the slash at its end, an IPv6 address its brackets', async () => {
  const flags = { 'outside-url': 'https://packages.example.org/py/', host: '[::1]' }

  const { config } = await read({ flags })

  assert.equal(config.outsideUrl, 'https://packages.example.org/py')
  assert.equal(config.host, '::1')
})

test('a secret comes from the one line of its file, and shows itself nowhere', async () => {
  const path = writeNew('open sesame\n')

  const { config, settings: effective } = await read({ flags: { 'root-password-file': path } })

  assert.equal(config.rootPasswordFile?.secret, 'open sesame')
  assert.equal(effective.find(({ name }) => name === 'root-password-file')?.text, path)
  assert.doesNotMatch(inspect(config) + JSON.stringify(config), /sesame/)
})

test('a secret file that is missing, empty or longer than a line is a mistake', async () => {
  const problems = ['/nowhere', writeNew('\n'), writeNew('a\nb\n')].map(async (path) => {
    return (await mistakesOf({ flags: { 'root-password-file': path } }))[0]!.replace(path, 'FILE')
  })

  assert.deepEqual(await Promise.all(problems), [
    '--root-password-file: FILE cannot be read: there is no such file (from the command line)',
    '--root-password-file: FILE is empty (from the command line)',
    '--root-password-file: FILE has more than one line (from the command line)',
  ])
})

test('the password in an address is not shown', async () => {
  const flags = { 'pypi-url': 'https://ada:secret@packages.example.org/simple/' }

  const { config, settings: effective } = await read({ flags })

  assert.match(config.pypiUrl!, /secret/)
  assert.equal(
    effective.find(({ name }) => name === 'pypi-url')?.text,
    'https://ada:***@packages.example.org/simple/',
  )
})

test('the settings are frozen, also those a program makes', async () => {
  const made = makeConfig({ port: 0 }, '/start')

  assert.ok(Object.isFrozen((await read({})).config) && Object.isFrozen(made))
  assert.deepEqual([made.port, made.dir], [0, '/start/wheelyard-data'])
})

test('every setting has a name that fits a flag, a variable and a file, and one sentence', () => {
  for (const { name, doc } of settings) {
    assert.match(name, /^[a-z]+(-[a-z]+)*$/)
    assert.match(variableOf(name), /^WHEELYARD_[A-Z_]+$/)
    assert.match(doc, /^[A-Z].*[^.]\.$/)
  }
})

for (const host of [
  '127.0.0.1',
  '127.8.9.1',
  '::1',
  '0:0:0:0:0:0:0:1',
  '::ffff:127.0.0.1',
  'localhost',
]) {
  test(`only this machine reaches a server on ${host}`, () => assert.ok(isLoopback(host)))
}

for (const host of [
  '0.0.0.0',
  '::',
  '192.0.2.1',
  '::ffff:192.0.2.1',
  'localhost.example.org',
  '',
]) {
  test(`others may reach a server on '${host}'`, () => assert.ok(!isLoopback(host)))
}

test('the hosts that are pushed to are names or addresses, with ports or without, or none', async () => {
  for (const [text, hosts] of [
    ['none', []],
    ['Upload.Example.org', ['upload.example.org']],
    ['a.example:8080, 10.0.0.5:80,[::1]:9', ['a.example:8080', '10.0.0.5:80', '[::1]:9']],
  ] as const) {
    const { config } = await read({ flags: { 'push-hosts': text } })
    assert.deepEqual(config.pushHosts, hosts)
  }
  for (const text of ['', 'https://a.example', 'a.example/x', 'a,,b', 'a b', '*']) {
    assert.equal((await mistakesOf({ flags: { 'push-hosts': text } })).length, 1, text)
  }
})
