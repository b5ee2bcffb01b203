/** Tests of the API once more, with requests that come over a socket, through nginx as `gen-config` sets it up, to a replica, and to two workers. */
import assert from 'node:assert/strict'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { findNginx } from '../support/web-servers.ts'
import { runProcess } from '../support/process.ts'
import { TRANSPORT_VARIABLE, type TransportName } from '../support/transport.ts'

/** Enough to see each kind of request and body. What is about the proxy's own headers is not for nginx, which sets them. */
const files: Readonly<Record<Exclude<TransportName, 'inject'>, readonly string[]>> = {
  socket: ['transport', 'login', 'push', 'upload'],
  nginx: ['users', 'files', 'toxresults', 'upload'],
  'nginx-caching': ['push'],
  'nginx-sending': ['files', 'toxresults', 'reading'],
  workers: ['users', 'deletes', 'files', 'mirror-files', 'status', 'search', 'upload'],
  replica: ['users', 'deletes', 'files', 'toxresults', 'push', 'upload'],
}

for (const [transport, names] of Object.entries(files)) {
  describe(`over ${transport}`, () => {
    for (const name of names) {
      test(`the API keeps what test/api/${name}.test.ts says`, async () => {
        if (transport.startsWith('nginx')) await findNginx() // before the clock of the tests runs
        const { code, output } = await runTests(name, transport)

        assert.equal(code, 0, output)
        assert.match(output, /^# pass [1-9]\d*$/m, output)
      })
    }
  })
}

function runTests(name: string, transport: string) {
  const file = join(import.meta.dirname, '../api', `${name}.test.ts`)
  const args = ['--test', '--test-isolation=none', '--test-reporter=tap', file]
  const { PATH = '' } = process.env
  const env = { PATH, HOME: tmpdir(), TMPDIR: tmpdir(), [TRANSPORT_VARIABLE]: transport }
  return runProcess(process.execPath, args, { env })
}
