/** The command as people call it: a process of its own, its output and its exit code. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { VERSION } from '#version'
import { runCommand, type CommandOptions } from '../../test/support/command.ts'
import { makeTempFolder } from '../../test/support/temp.ts'

const folder = await makeTempFolder('cli')
after(() => folder.remove())

const wheelyard = (args: readonly string[], options: Omit<CommandOptions, 'cwd'> = {}) =>
  runCommand(args, { cwd: folder.path, ...options })

test('--version prints the version of the package', async () => {
  assert.deepEqual(await wheelyard(['--version']), {
    code: 0,
    stdout: `${VERSION}\n`,
    output: `${VERSION}\n`,
  })
})

for (const args of [['--help'], ['help'], ['-h']]) {
  test(`wheelyard ${args.join(' ')} lists the commands`, async () => {
    const ran = await wheelyard(args)

    assert.equal(ran.code, 0, ran.output)
    assert.match(ran.stdout, /^Usage: wheelyard COMMAND/)
    assert.match(ran.stdout, /\n {2}serve .+\n(?: {2}.+\n)* {2}admin init .+/)
  })
}

test('a group of commands lists its own', async () => {
  const ran = await wheelyard(['admin', '--help'])

  assert.equal(ran.code, 0, ran.output)
  assert.match(ran.stdout, /^Usage: wheelyard admin COMMAND/)
  assert.doesNotMatch(ran.stdout, / serve /)
})

for (const args of [
  ['serve', '--help'],
  ['help', 'serve'],
  ['serve', '--prot', '1', '-h'],
]) {
  test(`wheelyard ${args.join(' ')} explains the command and its settings`, async () => {
    const ran = await wheelyard(args)

    assert.equal(ran.code, 0, ran.output)
    assert.match(ran.stdout, /^Usage: wheelyard serve \[options\]\n/)
    assert.match(ran.stdout, /--mirror-cache-expiry TIME .*\[30m\]/s)
    assert.match(ran.stdout, /Examples:\n {2}wheelyard serve\n/)
    assert.doesNotMatch(ran.stdout, /serverdir/)
  })
}

test('without a command, the commands are listed as help for a call that was wrong', async () => {
  const ran = await wheelyard([])

  assert.deepEqual([ran.code, ran.stdout], [2, ''])
  assert.match(ran.output, /^Usage: wheelyard COMMAND/)
})

for (const [args, answer] of [
  [['srve'], "there is no command 'srve'; did you mean 'serve'?"],
  [['admin', 'pass'], "there is no command 'admin pass'"],
  [['admin', 'paswd'], "there is no command 'admin paswd'; did you mean 'admin passwd'?"],
  [['frobnicate'], "there is no command 'frobnicate'"],
  [['--port', '80'], '--port: there is no such option before a command'],
] as const) {
  test(`wheelyard ${args.join(' ')} is told what is wrong`, async () => {
    const ran = await wheelyard(args)

    assert.deepEqual([ran.code, ran.stdout], [2, ''])
    assert.ok(ran.output.startsWith(`Error: ${answer}`), ran.output)
    assert.match(ran.output, /\nTry: wheelyard --help\n$/)
  })
}

test('all that is wrong with a call is told at once, and nothing starts', async () => {
  const args = ['serve', 'extra', '--prot', '80', '--port', 'abc', '--host']

  const ran = await wheelyard(args, { env: { WHEELYARD_DRAIN_TIMEOUT: 'long' } })

  assert.deepEqual([ran.code, ran.stdout], [2, ''])
  assert.equal(
    ran.output,
    `Error: --prot: there is no such option; did you mean --port?
Error: --host: needs a value, a host name or address (from the command line)
Error: --port: 'abc' is not a port number (0 to 65535) (from the command line)
Error: WHEELYARD_DRAIN_TIMEOUT: 'long' is not a time to wait, such as 5s or 2m (above 0, at most 24d) (from the environment)
Try: wheelyard serve --help
`,
  )
})

for (const [typed, expected] of Object.entries({
  'admin fsck': "there is no command 'admin fsck'; use 'admin verify'",
  'devpi-init': "there is no command 'devpi-init'; use 'admin init'",
  'admin import /backup': "there is no command 'admin import'; use 'admin import-devpi'",
})) {
  test(`${typed} is answered for who knows devpi`, async () => {
    const ran = await wheelyard(typed.split(' '))

    assert.equal(ran.code, 2)
    assert.ok(ran.output.startsWith(`Error: ${expected}\n`), ran.output)
  })
}

test('--version behind a command tells the version too', async () => {
  const ran = await wheelyard(['serve', '--version'])
  assert.deepEqual([ran.code, ran.stdout], [0, `${VERSION}\n`])
})

test('an argument too many is a mistake', async () => {
  const ran = await wheelyard(['admin', 'passwd', 'ada', 'bob'])

  assert.equal(ran.code, 2)
  assert.match(ran.output, /^Error: 'bob' is one argument too many\n/)
})

test('admin config shows what holds and where it comes from, for people and for programs', async () => {
  const file = await folder.write('settings.toml', 'host = "::1"\n')
  const args = ['admin', 'config', '--config', file, '--port=0']
  const env = {
    WHEELYARD_PYPI_URL: 'https://ada:hunter2@packages.example.org/simple/',
    WHEELYARD_ROOT_PASSWORD: 'open sesame',
  }

  const table = await wheelyard(args, { env })
  const json = await wheelyard([...args, '--json'], { env })

  assert.deepEqual([table.code, json.code], [0, 0], table.output + json.output)
  assert.match(table.stdout, /^SETTING +VALUE +FROM\n/)
  assert.match(table.stdout, /\nport +0 +the command line\n/)
  const values = JSON.parse(json.stdout) as Record<string, unknown>
  assert.deepEqual(values['host'], { value: '::1', from: file })
  assert.deepEqual(values['port'], { value: '0', from: 'the command line' })
  assert.deepEqual(values['outside-url'], { value: null, from: 'the default' })
  assert.doesNotMatch(table.stdout + json.stdout, /hunter2|open sesame/)
})

for (const name of ['passwd', 'verify', 'sweep']) {
  test(`admin ${name} on a folder that is not there makes none`, async () => {
    const ran = await wheelyard(['admin', name, '--dir', 'nowhere'], { input: 'secret\n' })

    assert.equal(ran.code, 1)
    assert.match(
      ran.output,
      /^Error: .*nowhere is no data folder of Wheelyard\.\nTry: --dir DIR, .*\n$/,
    )
  })
}

test('a password with more than one line, or none, is refused', async () => {
  await wheelyard(['admin', 'init', '--no-root-pypi'])
  const two = await wheelyard(['admin', 'passwd'], { input: 'one\ntwo\n' })
  const none = await wheelyard(['admin', 'passwd'], { input: '\n' })
  const file = await wheelyard(['admin', 'passwd', '--password-file', 'nowhere'])

  assert.deepEqual([two.code, none.code, file.code], [1, 1, 2])
  assert.match(two.output, /^Error: Standard input has more than one line/)
  assert.match(none.output, /^Error: The password is empty; nothing was changed\.\n$/)
  assert.match(
    file.output,
    /^Error: --password-file: nowhere cannot be read: there is no such file/,
  )
})

test('on a Node that is too old one line says so, whatever was asked', async () => {
  const pretend =
    "Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.19.0' } })"
  const node = ['--import', `data:text/javascript,${encodeURIComponent(pretend)}`]

  const ran = await wheelyard(['--version'], { node })

  assert.deepEqual([ran.code, ran.stdout], [1, ''])
  assert.equal(ran.output, 'Error: Wheelyard needs Node.js 24.15 or newer; this is 20.19.0.\n')
})

test('what was begun is done when whoever reads the output stops early', async () => {
  const bin = join(import.meta.dirname, '../../bin/wheelyard.ts')
  const cwd = join(folder.path, 'unread')
  await mkdir(cwd)
  const child = spawn(process.execPath, [bin, 'admin', 'gen-config'], { cwd, stdio: 'pipe' })
  child.stdout.destroy()
  const complaints = child.stderr.setEncoding('utf8').toArray()
  const [code] = await once(child, 'exit')

  assert.doesNotMatch((await complaints).join(''), /EPIPE/)
  assert.equal(code, 0)
})
