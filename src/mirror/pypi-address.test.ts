import assert from 'node:assert/strict'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { findPypiAddress, type PypiQuestion } from './pypi-address.ts'

/** A machine with nothing but the given files, below its home, and the given programs. */
interface MachineParts {
  readonly files?: Readonly<Record<string, string>>
  readonly programs?: Readonly<Record<string, string>>
  readonly env?: Readonly<Record<string, string>>
}

type Question = Omit<PypiQuestion, 'env' | 'home' | 'platform'>

function makeMachine(t: TestContext, { files = {}, programs = {}, env = {} }: MachineParts) {
  const home = mkdtempSync(join(tmpdir(), 'machine-'))
  t.after(() => rmSync(home, { recursive: true }))
  for (const [name, text] of Object.entries(files)) write(name, text)
  for (const [name, body] of Object.entries(programs)) {
    chmodSync(write(join('bin', name), `#!/bin/sh\n${body}\n`), 0o755)
  }

  const etc = join(home, 'etc')
  const ownFolders = { PATH: join(home, 'bin'), XDG_CONFIG_DIRS: join(home, 'shared') }
  const inHome = Object.entries(env).map(([name, value]) => [name, value.replace('HOME', home)])
  const allEnv = { ...ownFolders, ...Object.fromEntries(inHome) }
  const find = (question: Question = {}) =>
    findPypiAddress({ ...question, env: allEnv, home, etc, platform: 'linux' })
  return { home, find }

  function write(name: string, text: string): string {
    const path = join(home, name)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
    return path
  }
}

const pipFile = (name: string, section = 'global') =>
  `[${section}]\nindex-url = https://${name}.example.org/simple\n`

async function hostFound(find: () => ReturnType<typeof findPypiAddress>): Promise<string> {
  const address = await find()
  return 'url' in address ? new URL(address.url).hostname.replace('.example.org', '') : ''
}

test('the setting pypi-url comes before all else', async (t) => {
  const { find } = makeMachine(t, { env: { PIP_INDEX_URL: 'https://pip.example.org/simple' } })

  const address = await find({ option: 'https://told.example.org/simple/' })

  assert.deepEqual(address, {
    url: 'https://told.example.org/simple/',
    from: 'the setting pypi-url',
  })
})

test("pip's variable comes before its files", async (t) => {
  const { find } = makeMachine(t, {
    env: { PIP_INDEX_URL: 'https://pip.example.org/simple' },
    files: { '.config/pip/pip.conf': pipFile('user') },
  })

  assert.deepEqual(await find(), {
    url: 'https://pip.example.org/simple',
    from: 'the environment variable PIP_INDEX_URL',
  })
})

const layers = {
  'shared/pip/pip.conf': pipFile('shared'),
  'etc/pip.conf': pipFile('machine'),
  '.pip/pip.conf': pipFile('old-user'),
  '.config/pip/pip.conf': pipFile('user'),
  'venv/pip.conf': pipFile('venv'),
  'named.conf': pipFile('named'),
}
const precedence: readonly (readonly [string, readonly (keyof typeof layers)[]])[] = [
  ['machine', ['shared/pip/pip.conf', 'etc/pip.conf']],
  ['old-user', ['etc/pip.conf', '.pip/pip.conf']],
  ['user', ['shared/pip/pip.conf', '.pip/pip.conf', '.config/pip/pip.conf']],
  ['venv', ['.config/pip/pip.conf', 'venv/pip.conf']],
  ['named', ['shared/pip/pip.conf', '.config/pip/pip.conf', 'venv/pip.conf', 'named.conf']],
]

for (const [winner, present] of precedence) {
  test(`of pip's files ${present.join(', ')} the last one counts`, async (t) => {
    const files = Object.fromEntries(present.map((name) => [name, layers[name]]))
    const named = present.includes('named.conf') ? { PIP_CONFIG_FILE: 'HOME/named.conf' } : {}
    const { find } = makeMachine(t, { files, env: { VIRTUAL_ENV: 'HOME/venv', ...named } })

    assert.equal(await hostFound(find), winner)
  })
}

test("a file that PIP_CONFIG_FILE names stands in for the user's, also where it names no index", async (t) => {
  const files = { 'named.conf': '[global]\ntimeout = 3\n', '.config/pip/pip.conf': pipFile('user') }
  const named = makeMachine(t, { files, env: { PIP_CONFIG_FILE: 'HOME/named.conf' } })
  const absent = makeMachine(t, { files, env: { PIP_CONFIG_FILE: 'HOME/nowhere.conf' } })

  assert.equal(await hostFound(named.find), '')
  assert.equal(await hostFound(absent.find), 'user')
})

test('with PIP_CONFIG_FILE=/dev/null no file of pip is read', async (t) => {
  const { find } = makeMachine(t, {
    files: { 'shared/pip/pip.conf': pipFile('machine'), '.config/pip/pip.conf': pipFile('user') },
    env: { PIP_CONFIG_FILE: '/dev/null' },
  })

  assert.equal(await hostFound(find), '')
})

test('the section for installing beats the one for all commands, in whatever file', async (t) => {
  const { find } = makeMachine(t, {
    files: {
      'shared/pip/pip.conf': pipFile('install', 'install'),
      '.config/pip/pip.conf': pipFile('user'),
    },
  })

  assert.equal(await hostFound(find), 'install')
})

for (const [spelling, text] of Object.entries({
  'a colon': 'index-url: https://found.example.org/simple',
  'an underscore': 'index_url=https://found.example.org/simple',
  'a value on the next line': 'index-url =\n  https://found.example.org/simple',
  'comments around':
    '# index-url = https://no.example.org\nIndex-URL = https://found.example.org/s#;x',
})) {
  test(`pip's file may be written with ${spelling}`, async (t) => {
    const { find } = makeMachine(t, { files: { '.pip/pip.conf': `[global]\n${text}\n` } })

    assert.equal(await hostFound(find), 'found')
  })
}

test('an index of uv counts where pip has none', async (t) => {
  const file = '.config/uv/uv.toml'
  const spellings = {
    index:
      '[[index]]\nurl = "https://extra.example.org/"\n[[index]]\nname = "main"\nurl = "https://index.example.org/"\ndefault = true',
    older: 'index-url = "https://older.example.org/simple"',
    pip: '[pip]\nindex-url = "https://pip.example.org/simple"',
  }
  for (const [host, text] of Object.entries(spellings)) {
    const { find, home } = makeMachine(t, { files: { [file]: text } })

    const address = await find()

    assert.ok('url' in address && address.url.startsWith(`https://${host}.example.org`))
    assert.equal(address.from, `uv's configuration in ${join(home, file)}`)
  }
})

test("uv's variables come before its files, the present one before the older", async (t) => {
  const files = { '.config/uv/uv.toml': 'index-url = "https://file.example.org/simple"' }
  const older = { UV_INDEX_URL: 'https://older.example.org/simple' }
  const both = { ...older, UV_DEFAULT_INDEX: 'main=https://present.example.org/simple' }

  assert.equal(await hostFound(makeMachine(t, { files }).find), 'file')
  assert.equal(await hostFound(makeMachine(t, { files, env: older }).find), 'older')
  assert.equal(await hostFound(makeMachine(t, { files, env: both }).find), 'present')
})

test('uv reads the one file that is named, or none where it is told so', async (t) => {
  const files = {
    '.config/uv/uv.toml': 'index-url = "https://user.example.org/simple"',
    'named.toml': 'index-url = "https://named.example.org/simple"',
  }
  const named = makeMachine(t, { files, env: { UV_CONFIG_FILE: 'HOME/named.toml' } })
  const none = makeMachine(t, { files, env: { UV_NO_CONFIG: '1' } })

  assert.equal(await hostFound(named.find), 'named')
  assert.equal(await hostFound(none.find), '')
})

test('a local folder and this server itself are passed over, and named in the sentence of what is missing', async (t) => {
  const { find, home } = makeMachine(t, {
    env: { PIP_INDEX_URL: 'file:///srv/wheels' },
    files: { '.pip/pip.conf': '[global]\nindex-url = http://127.0.0.1:3141/root/pypi/+simple/' },
  })

  const address = await find({ ownOrigins: ['http://127.0.0.1:3141'] })

  assert.ok('missing' in address)
  const passedOver =
    '(the environment variable PIP_INDEX_URL names no web address but file:; ' +
    `pip's configuration in ${home}/.pip/pip.conf names this server itself)`
  assert.ok(address.missing.includes(passedOver), address.missing)
})

test('otherwise pip is asked for the index it has built in', async (t) => {
  const { find } = makeMachine(t, {
    programs: { python3: 'echo https://built-in.example.org/simple' },
  })

  assert.deepEqual(await find(), {
    url: 'https://built-in.example.org/simple',
    from: "pip's built-in default (python3)",
  })
})

test('a Python without pip is passed over for the next, and for a pip that stands alone', async (t) => {
  const second = { python3: 'exit 1', python: 'echo https://second.example.org/simple' }
  const help =
    'cat <<END\n  -i, --index-url <url>  Base URL (default\n      https://help.example.org/simple). This\n' +
    '  --extra-index-url <url>  See https://no.example.org\nEND'
  const alone = { python3: 'exit 1', pip: `[ "$1" = help ] && ${help.replace('cat', '/bin/cat')}` }

  assert.equal(await hostFound(makeMachine(t, { programs: second }).find), 'second')
  assert.equal(await hostFound(makeMachine(t, { programs: alone }).find), 'help')
})

test('a Python that never answers is given up', async (t) => {
  const { find } = makeMachine(t, { programs: { python3: 'exec /bin/sleep 1000' } })

  const address = await find({ timeoutMs: 50 })

  assert.ok('missing' in address)
})

test('without Python and pip the sentence says all that was tried', async (t) => {
  const address = await makeMachine(t, {}).find()

  assert.match(
    'missing' in address ? address.missing : '',
    /^No address of PyPI was found: .*pypi-url.*pip or uv.*python3, python, pip3 and pip.*\.$/,
  )
})
