/** devpi's options, wherever they are given. */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { UsedWrongly } from '#base/used-wrongly'
import { readConfig, type LoadedConfig } from './config.ts'
import { devpiOptions } from './config-devpi.ts'
import { namesOf, settings, type Setting } from './config-settings.ts'
import { makeTempFolder, type TempFolder } from '../test/support/temp.ts'

interface Given {
  readonly flags?: Readonly<Record<string, string | undefined>>
  readonly env?: Readonly<Record<string, string>>
  /** Of a file that `--configfile` names. */
  readonly yaml?: string
  readonly folder: TempFolder
}

async function read({ flags = {}, env = {}, yaml, folder }: Given): Promise<LoadedConfig> {
  const named = yaml === undefined ? {} : { configfile: await folder.write('devpi.yml', yaml) }
  const list = Object.entries({ ...named, ...flags }).map(([name, value]) => ({ name, value }))
  return readConfig({
    flags: list,
    env: { HOME: folder.path, XDG_CONFIG_DIRS: folder.join('none'), ...env },
    cwd: '/start',
  })
}

async function refusalOf(given: Given): Promise<UsedWrongly> {
  const error = await read(given).catch((reason: unknown) => reason)
  assert.ok(error instanceof UsedWrongly, 'nothing was wrong')
  return error
}

const section = (...lines: readonly string[]): string =>
  ['devpi-server:', ...lines.map((line) => `  ${line}`), ''].join('\n')

// devpi-http 12: 151
test("a flag beats the environment, which beats devpi's file, which beats the default; ours beat devpi's", async () => {
  await using folder = await makeTempFolder('devpi-options')
  const toml = await folder.write('ours.toml', 'mirror-cache-expiry = "1m"\n')
  const yaml = section(
    ...['port: 1', 'host: one.example.org', 'request-timeout: 1', 'mirror-cache-expiry: 7'],
    ...['max-request-body-size: 1073741824', 'outside-url: https://one.example.org/'],
  )
  const env = {
    DEVPISERVER_PORT: '2',
    DEVPISERVER_HOST: 'two.example.org',
    DEVPISERVER_REQUEST_TIMEOUT: '2',
    DEVPISERVER_OUTSIDE_URL: '',
    WHEELYARD_HOST: 'ours.example.org',
  }

  const { config, notes } = await read({
    flags: { port: '3', config: toml },
    ...{ env, yaml, folder },
  })

  assert.equal(config.port, 3)
  assert.equal(config.host, 'ours.example.org')
  assert.equal(config.requestTimeout, 2000)
  assert.equal(config.mirrorCacheExpiry, 60_000)
  assert.equal(config.maxRequestBodySize, 1_073_741_824)
  assert.equal(config.outsideUrl, 'https://one.example.org')
  assert.equal(config.loginExpiry, 36_000_000)
  assert.deepEqual(notes, [])
})

// devpi-http 12: 151
test("an option of the file that devpi does not know is told, in devpi's words", async () => {
  await using folder = await makeTempFolder('devpi-options')
  const { config, notes } = await read({ yaml: section('bogus: 1', 'port: 5'), folder })

  assert.equal(config.port, 5)
  assert.deepEqual(notes, [`Unknown devpi-server option 'bogus' in ${folder.join('devpi.yml')}`])
})

// devpi-http 12: 151
describe('a file of options', () => {
  const wrong = {
    '- port': 'The config file must be a mapping, not a sequence.',
    'devpi-server: [port]': "The 'devpi-server' section must be a mapping, not a sequence.",
  }
  for (const [yaml, expected] of Object.entries(wrong)) {
    test(`with a sequence (${yaml}) ends the start with exit code 4`, async () => {
      await using folder = await makeTempFolder('devpi-options')
      const refusal = await refusalOf({ yaml, folder })

      assert.equal(refusal.exitCode, 4)
      assert.deepEqual(refusal.mistakes, [`${folder.join('devpi.yml')}: ${expected}`])
    })
  }

  for (const yaml of ['', 'port', 'devpi-server: port', 'other: {port: 1}', '# nothing']) {
    test(`without the section (${yaml}) says nothing, and that is told`, async () => {
      await using folder = await makeTempFolder('devpi-options')
      const { config, notes } = await read({ yaml, folder })

      assert.equal(config.port, 3141)
      assert.match(
        notes.join(),
        /devpi\.yml has no section devpi-server: nothing was read from it$/,
      )
    })
  }

  test('that cannot be read, or is no YAML, is a mistake', async () => {
    await using folder = await makeTempFolder('devpi-options')
    const mistakes = async (given: Partial<Given>) =>
      (await refusalOf({ ...given, folder })).mistakes.join('\n')

    assert.match(
      await mistakes({ flags: { configfile: '/nowhere.yml' } }),
      /^--configfile: \/nowhere\.yml cannot be read: there is no such file$/,
    )
    assert.match(await mistakes({ yaml: 'a: "b' }), /devpi\.yml is not valid YAML: .*line 1/)
    assert.match(await mistakes({ yaml: 'a: *b' }), /devpi\.yml is not valid YAML: /)
    assert.match(await mistakes({ yaml: section('port: [1]') }), /^port: a list or mapping is no/)
    const toml = await folder.write('ours.toml', 'port = 1')
    assert.match(
      await mistakes({ flags: { configfile: toml } }),
      /^--configfile: .*ours\.toml is no YAML file of devpi's; --config reads a TOML file$/,
    )
  })

  test("is for all of devpi's commands: options of others are told, and empty ones are none", async () => {
    await using folder = await makeTempFolder('devpi-options')
    const yaml = section('include-mirrored-files: yes', 'outside-url:', 'port: ""', 'debug:')
    const { config, notes } = await read({ yaml, folder })

    assert.deepEqual([config.outsideUrl, config.port], [undefined, 3141])
    const path = folder.join('devpi.yml')
    assert.deepEqual(notes, [
      `include-mirrored-files is for another command of devpi (from ${path})`,
    ])
  })

  test('has texts alone, a list for a list, and a mapping for the storage', async () => {
    await using folder = await makeTempFolder('devpi-options')
    const storage = ['storage:', '  name: sqlite', '  path: x']
    const listen = ['listen:', '  - localhost:1', "  - '*:2'"]
    const yaml = section('offline-mode: Yes', 'no-root-pypi: on', ...storage, ...listen)
    const { config, notes } = await read({ yaml, folder })

    assert.deepEqual([config.offlineMode, config.noRootPypi], [true, true])
    assert.deepEqual(config.listen, [
      { host: 'localhost', port: 1 },
      { host: '*', port: 2 },
    ])
    assert.deepEqual(notes, [])
  })
})

describe("devpi's switches", () => {
  for (const [text, expected] of [
    ...['y', 'YES', 't', 'True', 'on', '1'].map((yes) => [yes, true] as const),
    ...['n', 'No', 'f', 'FALSE', 'off', '0'].map((no) => [no, false] as const),
  ]) {
    test(`are ${expected ? 'on' : 'off'} with ${text}`, async () => {
      await using folder = await makeTempFolder('devpi-options')
      const env = { DEVPISERVER_OFFLINE_MODE: text, DEVPISERVER_DEBUG: text }
      const { config } = await read({ env, yaml: section(`no-root-pypi: ${text}`), folder })

      assert.deepEqual([config.offlineMode, config.noRootPypi], [expected, expected])
      assert.equal(config.logLevel, expected ? 'debug' : 'info')
    })
  }

  test('take nothing else', async () => {
    await using folder = await makeTempFolder('devpi-options')
    const env = { DEVPISERVER_OFFLINE_MODE: 'maybe', DEVPISERVER_REQUESTS_ONLY: 'perhaps' }
    const { mistakes } = await refusalOf({ env, folder })

    assert.deepEqual(mistakes.toSorted(), [
      "DEVPISERVER_OFFLINE_MODE: 'maybe' is not yes or no (from the environment)",
      "DEVPISERVER_REQUESTS_ONLY: 'perhaps' is not yes or no (from the environment)",
    ])
  })
})

test('a password that cannot be one is told without the password', async () => {
  await using folder = await makeTempFolder('devpi-options')
  const { mistakes } = await refusalOf({ flags: { 'root-passwd': 'hunter\n2' }, folder })

  assert.deepEqual(mistakes, ['--root-passwd: has more than one line (from the command line)'])
})

test('DEVPI_SERVERDIR outranks DEVPISERVER_SERVERDIR, as with devpi', async () => {
  await using folder = await makeTempFolder('devpi-options')
  const env = { DEVPI_SERVERDIR: '~/old', DEVPISERVER_SERVERDIR: '/new' }

  const { config, notes } = await read({ env, folder })
  assert.match(config.dir, /\/old$/)
  assert.match(notes.join(), /^DEVPI_SERVERDIR is an old name of DEVPISERVER_SERVERDIR/)
  assert.equal(
    (await read({ env: { DEVPISERVER_SERVERDIR: 'new' }, folder })).config.dir,
    '/start/new',
  )
})

describe("a file in devpi's usual place", () => {
  test('is read and told of, the own one rather than that of all', async () => {
    await using folder = await makeTempFolder('devpi-options')
    const name = join('devpi-server', 'devpi-server.yml')
    await folder.write(join('all', name), section('port: 1'))
    const XDG_CONFIG_DIRS = `${folder.join('none')}:${folder.join('all')}`

    const ofAll = await read({ env: { XDG_CONFIG_DIRS }, folder })
    const own = await folder.write(join('.config', name), section('port: 2'))
    const ofMine = await read({ env: { XDG_CONFIG_DIRS }, folder })

    assert.deepEqual([ofAll.config.port, ofMine.config.port], [1, 2])
    assert.deepEqual(ofMine.notes, [
      `${own} is read, as devpi-server would; --configfile names another`,
    ])
  })

  test('is left alone where another file is named', async () => {
    await using folder = await makeTempFolder('devpi-options')
    await folder.write('.config/devpi-server/devpi-server.yml', section('port: 2'))
    const toml = await folder.write('ours.toml', 'host = "ours"')

    const byToml = await read({ flags: { config: toml }, folder })
    const byYaml = await read({ yaml: section('host: other'), folder })

    assert.deepEqual([byToml.config.port, byYaml.config.port], [3141, 3141])
    assert.deepEqual([byToml.notes, byYaml.notes], [[], []])
  })
})

describe("each of devpi's options", () => {
  test('that changes nothing here is taken with the reason', async () => {
    await using folder = await makeTempFolder('devpi-options')
    for (const { name, placeholder, end } of devpiOptions) {
      if (!('without' in end)) continue
      const { notes } = await read({ flags: { [name]: placeholder && '7' }, folder })
      assert.deepEqual(notes, [`--${name} changes nothing: ${end.without} (from the command line)`])
    }
  })

  test('that cannot be taken is refused with what to do instead', async () => {
    await using folder = await makeTempFolder('devpi-options')
    for (const { name, placeholder, end } of devpiOptions) {
      if (!('instead' in end)) continue
      const said = placeholder ? `--${name} other` : `--${name}`
      const { mistakes } = await refusalOf({ flags: { [name]: placeholder && 'other' }, folder })
      assert.deepEqual(mistakes, [`${said}: ${end.instead} (from the command line)`])
      for (const value of end.except ?? []) {
        assert.deepEqual((await read({ flags: { [name]: value }, folder })).notes, [])
      }
    }
  })

  test('that is a setting has a setting of that name, as a flag too', () => {
    for (const { name, end } of devpiOptions) {
      if (!('setting' in end) || end.value !== undefined) continue
      const setting = (settings as readonly Setting[]).find((row) => row.name === end.setting)!
      assert.ok(namesOf(setting).includes(name), name)
    }
  })
})
