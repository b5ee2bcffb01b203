import assert from 'node:assert/strict'
import { chmod, mkdir, readFile, stat } from 'node:fs/promises'
import { describe, test } from 'node:test'
import { makeTempFolder } from '../../test/support/temp.ts'
import { makeSigningSecret, readSigningSecret } from './signing-secret.ts'
import { StartRefused } from './start-refused.ts'

const good = '0123456789abcdef0123456789abcdef'

test('a new secret is long, for its owner alone, and never made twice', async () => {
  await using folder = await makeTempFolder('secret')
  const path = folder.join('secret')

  const isNew = await makeSigningSecret(path)
  const secret = await readSigningSecret(path)
  const again = await makeSigningSecret(path)

  assert.deepEqual([isNew, again], [true, false])
  assert.deepEqual(await readFile(path), secret)
  assert.equal(Buffer.from(secret.toString(), 'base64').length, 32)
  assert.equal((await stat(path)).mode & 0o777, 0o600)
})

describe('a secret is refused', () => {
  const cases = [
    { problem: "doesn't exist", make: { text: undefined } },
    { problem: 'is world accessible', make: { mode: 0o604 } },
    { problem: 'is group accessible', make: { mode: 0o640 } },
    { problem: 'is group writable', make: { folder: 0o770 } },
    { problem: 'is world writable', make: { folder: 0o707 } },
    { problem: 'too short', make: { text: good.slice(1) } },
    { problem: 'too weak', make: { text: 'abcde'.repeat(10) } },
  ]
  for (const { problem, make } of cases) {
    test(`that ${problem}`, async () => {
      const { text = 'text' in make ? undefined : good, mode = 0o600, folder: open = 0o700 } = make
      await using folder = await makeTempFolder('secret')
      const path = folder.join('own', 'secret')
      await mkdir(folder.join('own'))
      if (text !== undefined) {
        await folder.write('own/secret', text)
        await chmod(path, mode)
      }
      await chmod(folder.join('own'), open)

      const refused = (error: unknown) =>
        error instanceof StartRefused && error.message.includes(problem) && error.tries.length > 0
      await assert.rejects(readSigningSecret(path), refused)
    })
  }
})
