/** One server in several places: addresses and Unix sockets. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { stat, writeFile } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { test } from 'node:test'
import { makeServer, readAll } from '../../test/support/serve-routes.ts'
import { makeTempFolder } from '../../test/support/temp.ts'
import { text } from './reply.ts'
import { push } from './route.ts'

const pushed = push('/x', async (call) => text(200, `<${await call.bytes().then(String)}>`))
const request = 'PUSH /x HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n'
const portOf = (address: string | undefined): number => Number(new URL(address ?? '').port)

async function ask(where: { path: string } | { port: number }): Promise<string> {
  const socket = connect({ host: '127.0.0.1', ...where })
  await once(socket, 'connect')
  const answer = readAll(socket)
  socket.write(`${request}\r\n12${request}Connection: close\r\n\r\n34`)
  return answer
}

test('a server answers in all places, and leaves all of them', async () => {
  await using folder = await makeTempFolder('places')
  const { server } = makeServer([pushed])
  const path = folder.join('yard.sock')

  const { addresses } = await server.listen(
    { host: '127.0.0.1', port: 0 },
    { path, mode: 0o660 },
    { host: '127.0.0.1', port: 0 },
  )

  assert.equal(addresses[1], `unix:${path}`)
  const ports = [portOf(addresses[0]), portOf(addresses[2])]
  for (const where of [{ path }, ...ports.map((port) => ({ port }))]) {
    assert.match(await ask(where), /<12>[^]*<34>$/)
  }
  await server.close()
  await assert.rejects(ask({ path }), { code: 'ENOENT' })
  for (const port of ports) await assert.rejects(ask({ port }), { code: 'ECONNREFUSED' })
})

test('* is every address of the machine', async () => {
  const { server } = makeServer([pushed])

  const { addresses } = await server.listen({ host: '*', port: 0 })

  assert.match(await ask({ port: portOf(addresses[0]) }), /<34>$/)
  assert.match(addresses[0] ?? '', /^http:\/\/(0\.0\.0\.0|\[::\]):/)
  await server.close()
})

test('a stopping server lets requests on its other addresses finish', async () => {
  const started = Promise.withResolvers<void>()
  const release = Promise.withResolvers<void>()
  const slow = push('/slow', async () => {
    started.resolve()
    await release.promise
    return text(200, 'done')
  })
  const { server } = makeServer([slow], { drainTimeoutMs: 60_000 })
  const { addresses } = await server.listen(
    { host: '127.0.0.1', port: 0 },
    { host: '127.0.0.1', port: 0 },
  )
  const idle = connect(portOf(addresses[1]), '127.0.0.1')
  const running = connect(portOf(addresses[1]), '127.0.0.1')
  const answer = readAll(running)
  running.write('PUSH /slow HTTP/1.1\r\nHost: x\r\n\r\n')
  await started.promise

  const closed = server.close()
  await once(idle.resume(), 'close')
  release.resolve()

  assert.match(await answer, /\r\nConnection: close\r\n[^]*done$/)
  await closed
})

for (const mode of [0o600, 0o660]) {
  test(`a Unix socket is open to those that its permissions name: ${mode.toString(8)}`, async () => {
    await using folder = await makeTempFolder('places')
    const { server } = makeServer([])
    const path = folder.join('yard.sock')

    await server.listen({ path, mode })

    assert.equal((await stat(path)).mode & 0o777, mode)
    await server.close()
  })
}

test('a Unix socket that a server left behind is replaced', async () => {
  await using folder = await makeTempFolder('places')
  const path = folder.join('yard.sock')
  const dead = makeServer([])
  await dead.server.listen({ path: folder.join('other.sock'), mode: 0o600 })
  const left = createServer().listen(path)
  await once(left, 'listening')
  const { rename } = await import('node:fs/promises')
  await rename(path, folder.join('kept.sock')) // so that the end of its server does not remove it
  left.close()
  await rename(folder.join('kept.sock'), path)
  await dead.server.close()
  const { server } = makeServer([pushed])

  await server.listen({ path, mode: 0o600 })

  assert.match(await ask({ path }), /<34>$/)
  await server.close()
})

test('a Unix socket in use, and a file of another kind, are left alone', async () => {
  await using folder = await makeTempFolder('places')
  const path = folder.join('yard.sock')
  const first = makeServer([pushed]).server
  await first.listen({ path, mode: 0o600 })
  await writeFile(folder.join('notes.txt'), 'mine')
  const second = makeServer([]).server

  await assert.rejects(second.listen({ path, mode: 0o600 }), { code: 'EADDRINUSE' })
  const other = makeServer([]).server
  await assert.rejects(other.listen({ path: folder.join('notes.txt'), mode: 0o600 }), {
    code: 'EADDRINUSE',
  })

  assert.match(await ask({ path }), /<34>$/)
  assert.equal((await stat(folder.join('notes.txt'))).size, 4)
  for (const server of [first, second, other]) await server.close()
})
