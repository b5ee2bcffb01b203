/** What `wheelyard follow-devpi` takes, and what it refuses. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runCommand } from '../support/command.ts'
import { makeSharedSecret } from '../support/feed.ts'
import { makeTempFolder } from '../support/temp.ts'
import { startYard } from '../support/yard.ts'

const URL = 'http://127.0.0.1:9/'

test('all that is wrong with its arguments is told at once', async () => {
  const folder = await makeTempFolder('follow-devpi')
  try {
    const { code, output } = await runCommand(
      [
        ...['follow-devpi', 'ftp://devpi', '--port', 'x'],
        ...['--argon2-time-cost', '0', '--argon2-parallelism', '2000', '--argon2-memory-cost', '8'],
      ],
      { cwd: folder.path },
    )

    assert.equal(code, 2)
    for (const told of ['ftp://devpi', '--port', '--argon2-time-cost', '--argon2-memory-cost']) {
      assert.ok(output.includes(told), `${told}: ${output}`)
    }
  } finally {
    await folder.remove()
  }
})

test('it needs the secret, an address without credentials, and a folder that has nothing of its own', async () => {
  await using secret = await makeSharedSecret()
  await using yard = await startYard({ stages: ['ada/dev'] })
  await yard.kill()
  const cwd = yard.folder
  const shared = ['--secret-file', secret.path, '--port', '0', '--dir', yard.folder]
  const run = (...args: string[]) => runCommand(['follow-devpi', ...args], { cwd })

  const [without, named, replica, own] = await Promise.all([
    run(URL, '--dir', yard.folder),
    run('http://root:pw@127.0.0.1:9/', ...shared),
    run(URL, ...shared, '--primary-url', 'http://127.0.0.1:9/'),
    run(URL, ...shared),
  ])

  assert.deepEqual([without.code, named.code, replica.code, own.code], [2, 2, 2, 1])
  assert.match(without.output, /--secret-file is missing/)
  assert.match(named.output, /credentials in it are not used/)
  assert.match(replica.output, /primary-url/)
  assert.match(own.output, /holds data of its own/)
})

test('it is alone with its folder: no other server writes there meanwhile', async () => {
  await using secret = await makeSharedSecret()
  await using yard = await startYard({ follows: { url: URL, secretFile: secret.path } })
  const cwd = yard.folder
  const shared = ['--dir', yard.folder, '--port', '0']

  const [server, another] = await Promise.all([
    runCommand(['serve', ...shared], { cwd }),
    runCommand(['follow-devpi', URL, '--secret-file', secret.path, ...shared], { cwd }),
  ])

  assert.deepEqual([server.code, another.code], [1, 1])
  assert.match(server.output, /is being changed by another process/)
  assert.match(another.output, /A server runs on/)
})
