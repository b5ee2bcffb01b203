/** A server that is set up and started with what people have from devpi: its options, its file, its commands. */
import assert from 'node:assert/strict'
import { readdir } from 'node:fs/promises'
import { describe, test } from 'node:test'
import { runCommand, startCommand } from '../support/command.ts'
import { makeTempFolder } from '../support/temp.ts'

type Folder = Awaited<ReturnType<typeof makeTempFolder>>

/** A server, where one was started: `log in` returns the status of a login as root. */
async function serve(folder: Folder, args: readonly string[], env = {}) {
  const server = startCommand(['serve', ...args], { cwd: folder.path, env })
  const address = await server.until(() => /^Wheelyard serves (\S+)\n/.exec(server.stdout)?.[1])
  async function logIn(password: string): Promise<number> {
    const body = JSON.stringify({ user: 'root', password })
    return (await fetch(new URL('+login', address), { method: 'POST', body })).status
  }
  return { server, address, logIn, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() }
}

const bare = ['--no-root-pypi', '--port', '0']

// devpi-http 12: 152 (`wheelyard serve` sets an empty folder up by itself)
describe('admin init', () => {
  test('sets a folder up and ends, once', async () => {
    await using folder = await makeTempFolder('init')
    const init = ['admin', 'init', '--serverdir', 'data', '--no-root-pypi']

    const first = await runCommand([...init, '--root-passwd', 'first'], { cwd: folder.path })
    const again = await runCommand([...init, '--root-passwd', 'again'], { cwd: folder.path })
    await using yard = await serve(folder, [
      '--serverdir',
      'data',
      '--port=0',
      '--root-passwd=late',
    ])

    assert.deepEqual([first.code, first.output], [0, `${folder.path}/data is set up.\n`])
    assert.deepEqual(
      [again.code, again.output],
      [
        1,
        `Error: The path '${folder.path}/data' already contains data of Wheelyard.\n` +
          `Try: wheelyard serve --dir ${folder.path}/data\n`,
      ],
    )
    assert.deepEqual([await yard.logIn('first'), await yard.logIn('late')], [200, 401])
    assert.equal((await fetch(new URL('root/pypi', yard.address))).status, 404)
  })

  test('makes root/pypi, and tells where it found no upstream', async () => {
    await using folder = await makeTempFolder('init')
    const given = await runCommand(
      ['admin', 'init', '--dir', 'one', '--pypi-url', 'http://127.0.0.1:1/simple/'],
      { cwd: folder.path },
    )
    const none = await runCommand(['admin', 'init', '--dir', 'two'], { cwd: folder.path })

    assert.deepEqual([given.code, given.output], [0, `${folder.path}/one is set up.\n`])
    assert.equal(none.code, 0)
    assert.match(none.output, /^Note: root\/pypi has no upstream: .+\n.*two is set up\.\n$/)
  })

  test('takes a hash for the password of root, and no other text', async () => {
    await using folder = await makeTempFolder('init')
    const hash =
      '$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQxMjM0NTY3OA$9mTvpGwOX3nDPf5sbiJNzqNTcOgHVaYqLx1vZ5y6gVQ'
    const init = (text: string) =>
      runCommand(['admin', 'init', '--no-root-pypi', '--root-passwd-hash', text], {
        cwd: folder.path,
      })

    const wrong = await init('secret')
    const right = await init(hash)
    await using yard = await serve(folder, bare)

    assert.equal(wrong.code, 1)
    assert.match(wrong.output, /^Error: --root-password-hash is no argon2 hash .*\nTry: /)
    assert.equal(right.code, 0, right.output)
    assert.equal(await yard.logIn(''), 401)
  })

  test('and serve leave the folder of a devpi-server alone', async () => {
    await using folder = await makeTempFolder('init')
    await folder.write('data/.serverversion', '4')

    for (const args of [
      ['admin', 'init'],
      ['serve', '--port=0'],
    ]) {
      const ran = await runCommand([...args, '--serverdir=data'], { cwd: folder.path })
      assert.equal(ran.code, 1)
      assert.match(
        ran.output,
        /^Error: .*\/data holds the data of a devpi-server, which .*\nTry: --dir DIR .*\nTry: wheelyard follow-devpi --from .*\n$/,
      )
    }
    assert.deepEqual(await readdir(folder.join('data')), ['.serverversion'])
  })
})

// devpi-http 12: 151
describe("serve with devpi's options", () => {
  test('starts with its file, and tells what changes nothing', async () => {
    await using folder = await makeTempFolder('options')
    const lines = ['no-root-pypi: true', 'threads: 20', 'bogus: 1', 'port: 0', 'serverdir: here']
    const file = await folder.write(
      'devpi.yml',
      `devpi-server:\n${lines.map((line) => `  ${line}\n`).join('')}`,
    )

    await using yard = await serve(folder, ['-c', 'devpi.yml'], { DEVPISERVER_SERVERDIR: 'there' })

    assert.equal(await yard.logIn(''), 200)
    assert.ok((await readdir(folder.path)).includes('there'))
    await yard.server.until(() => yard.server.stderr.includes('Unknown') || undefined)
    assert.ok(yard.server.stderr.includes(`Unknown devpi-server option 'bogus' in ${file}`))
    assert.match(yard.server.stderr, /threads changes nothing: requests need no threads here/)
  })

  test('listens wherever --listen says', async () => {
    await using folder = await makeTempFolder('options')
    const listen = ['--listen', '127.0.0.1:0', '--listen=localhost:0']
    const args = ['serve', '--no-root-pypi', ...listen]
    await using server = startCommand(args, { cwd: folder.path })
    const said = await server.until(() => /^Wheelyard serves (.+)\n/.exec(server.stdout)?.[1])

    const addresses = said.split(' and ')
    assert.equal(addresses.length, 2, said)
    for (const address of addresses) assert.equal((await fetch(`${address}+api`)).status, 200)
    const both = await runCommand([...args, '--port', '1'], { cwd: folder.path })
    assert.equal(both.code, 2)
    assert.match(both.output, /^Error: --listen: takes the place of --host and --port/)
  })

  test('ends with 4 at a sequence in its file, and with 2 at an option that cannot be followed', async () => {
    await using folder = await makeTempFolder('options')
    await folder.write('devpi.yml', '- port: 0\n')
    const cwd = folder.path

    const sequence = await runCommand(['serve', '-c', 'devpi.yml'], { cwd })
    const replica = await runCommand(['serve', '--role', 'replica'], { cwd })
    const secret = await runCommand(['serve', ...bare, '--secretfile', 'nowhere'], { cwd })

    assert.equal(sequence.code, 4)
    assert.match(sequence.output, /^Error: .*devpi\.yml: The config file must be a mapping, not/)
    assert.equal(replica.code, 2)
    assert.match(
      replica.output,
      /^Error: --role replica: a server with --primary-url is a replica,/,
    )
    assert.equal(secret.code, 1)
    assert.match(secret.output, /^Error: The given secret file .*nowhere doesn't exist\.\nTry: /)
  })
})

test('admin gen-secret makes a secret that serve takes, and leaves one that is there', async () => {
  await using folder = await makeTempFolder('secret')
  const make = ['admin', 'gen-secret', '--secretfile', 'secret']
  const cwd = folder.path

  const first = await runCommand(make, { cwd })
  const again = await runCommand(make, { cwd })
  const without = await runCommand(['admin', 'gen-secret'], { cwd })
  await using yard = await serve(folder, [...bare, '--secretfile', 'secret'])

  assert.deepEqual([first.code, again.code, without.code], [0, 0, 2])
  assert.equal(first.output, `A new secret is in ${cwd}/secret.\n`)
  assert.equal(again.output, `${cwd}/secret is there, and good: nothing was changed.\n`)
  assert.match(without.output, /^Error: --secret-file is missing/)
  assert.equal(await yard.logIn(''), 200)
})
