/** The server as an operator meets it: its start, its end, and why it may not start. */
import assert from 'node:assert/strict'
import { connect, createServer, type AddressInfo } from 'node:net'
import { test } from 'node:test'
import { runCommand, startCommand } from '../../test/support/command.ts'
import type { RunningProcess } from '../../test/support/process.ts'
import { makeTempFolder } from '../../test/support/temp.ts'

const bare = ['serve', '--no-root-pypi', '--port', '0']

function addressOf(server: RunningProcess): Promise<string> {
  return server.until(() => /^Wheelyard serves (\S+)\n/.exec(server.stdout)?.[1])
}

test('on an empty folder it says in one line where it serves, and SIGTERM ends it well', async () => {
  await using folder = await makeTempFolder('serve')
  await using server = startCommand(bare, { cwd: folder.path })

  const address = await addressOf(server)
  const answer = await fetch(new URL('+api', address))
  const code = await server.kill('SIGTERM')

  assert.match(address, /^http:\/\/127\.0\.0\.1:\d+\/$/)
  assert.equal(answer.status, 200)
  assert.equal(code, 0, server.stderr)
  assert.equal(server.stdout, `Wheelyard serves ${address}\n`)
})

test('Ctrl-C ends it as well, and the folder serves again with and without --no-root-pypi', async () => {
  await using folder = await makeTempFolder('serve')

  for (const args of [bare, bare, ['serve', '--port=0']]) {
    await using server = startCommand(args, { cwd: folder.path })
    await addressOf(server)
    assert.equal(await server.kill('SIGINT'), 0, server.stderr)
  }
})

test('a second signal ends it at once, whatever still runs', async () => {
  await using folder = await makeTempFolder('serve')
  const args = [...bare, '--drain-timeout', '1h']
  await using server = startCommand(args, { cwd: folder.path })
  const { hostname, port } = new URL(await addressOf(server))
  const socket = connect(Number(port), hostname)
  // The server says that it waits for the body, which never comes.
  socket.write('PUT /ada HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n')
  await new Promise((resolve) => socket.once('data', resolve))
  socket.on('error', () => {})

  const ended = server.kill('SIGTERM')
  process.kill(server.pid, 'SIGINT')

  assert.ok([128 + 2, 128 + 15].includes(await ended), server.stderr)
})

test('a port that is taken is told, with what to try', async () => {
  await using folder = await makeTempFolder('serve')
  const other = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => other.once('listening', resolve))
  const { port } = other.address() as AddressInfo

  const args = ['serve', '--no-root-pypi', '--port', String(port)]
  const ran = await runCommand(args, { cwd: folder.path })
  other.close()

  assert.deepEqual([ran.code, ran.stdout], [1, ''])
  assert.match(
    ran.output,
    new RegExp(
      `^Error: 127\\.0\\.0\\.1:${port} is in use by another program, .*\nTry: wheelyard serve --port`,
    ),
  )
})

test('an address that this machine does not have is told', async () => {
  await using folder = await makeTempFolder('serve')
  const password = await folder.write('password', 'secret')
  const args = [...bare, '--host', '192.0.2.1', '--root-password-file', password]

  const ran = await runCommand(args, { cwd: folder.path })

  assert.deepEqual([ran.code, ran.stdout], [1, ''])
  assert.match(ran.output, /^Error: This machine has no network interface with .* 192\.0\.2\.1\.$/m)
})

test('a data folder that cannot be written is told', async () => {
  await using folder = await makeTempFolder('serve')
  const file = await folder.write('file', '')

  const below = await runCommand([...bare, '--dir', 'file/data'], { cwd: folder.path })
  const itself = await runCommand([...bare, '--dir', 'file'], { cwd: folder.path })

  assert.deepEqual([below.code, itself.code], [1, 1])
  assert.equal(
    below.output,
    `Error: The data folder ${file}/data cannot be written: a part of its path is no folder.
Try: wheelyard serve --dir DIR, with a folder that you may write to
`,
  )
  assert.match(
    itself.output,
    /^Error: The data folder .*file cannot be written: it is no folder\.\n/,
  )
})

test('with an empty root password it serves this machine only, and says how to set one', async () => {
  await using folder = await makeTempFolder('serve')
  const password = await folder.write('password', 'secret\n')
  const open = [...bare, '--host', '0.0.0.0']

  const refused = await runCommand(open, { cwd: folder.path })
  const given = await runCommand(['admin', 'passwd', 'root'], { cwd: folder.path, input: 'pw\n' })
  await using served = startCommand(open, { cwd: folder.path })
  await using second = await makeTempFolder('serve')
  await using withFile = startCommand([...open, '--root-password-file', password], {
    cwd: second.path,
  })

  assert.deepEqual([refused.code, refused.stdout], [1, ''])
  assert.match(refused.output, /^Error: The user root has an empty password/)
  assert.match(refused.output, /\nTry: .*--root-password-file/)
  assert.match(refused.output, /\nTry: wheelyard admin passwd root/)
  assert.equal(given.code, 0, given.output)
  await addressOf(served)
  await addressOf(withFile)
})
