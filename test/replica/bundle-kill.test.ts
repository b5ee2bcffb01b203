/**
 * An import that is killed at any moment leaves whole changes, and is begun again. More rounds with
 * WHEELYARD_TEST_ROUNDS=50, other moments with WHEELYARD_TEST_SEED=7.
 */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { test } from 'node:test'
import fc from 'fast-check'
import { openStore } from '#app-store'
import { startApi } from '../support/api.ts'
import { runCommand, startCommand } from '../support/command.ts'
import { makeSharedSecret } from '../support/feed.ts'
import { makeTempFolder, type TempFolder } from '../support/temp.ts'
import { until } from '../support/until.ts'
import { sendFile } from '../support/upload.ts'
import { verifyStore } from '../support/verify-store.ts'
import { makeWheel } from '../support/wheel.ts'

const FILES = 40
const rounds = Number(process.env['WHEELYARD_TEST_ROUNDS'] ?? 4)
const seed = Number(process.env['WHEELYARD_TEST_SEED'] ?? 3)

test('an import that is killed at any moment is begun again, and ends with all there is', async () => {
  await using secret = await makeSharedSecret()
  const config = { secretFile: secret.path }
  await using primary = await startApi({ indexes: ['ada/dev'], config })
  for (let number = 0; number < FILES; number++) {
    const version = `${number}.0`
    const wheel = makeWheel('anchor', version, { extraFiles: { ballast: randomBytes(50_000) } })
    const { status } = await sendFile(primary, 'ada/dev', wheel, { name: 'anchor', version })
    assert.equal(status, 200)
  }
  const folder = await makeTempFolder('killed')
  await using _ = { [Symbol.asyncDispose]: () => folder.remove() }
  const [cwd, file, dir] = [folder.path, folder.join('bundle'), folder.join('data')]
  const flags = ['--secret-file', secret.path, '--dir']
  const made = await runCommand(['admin', 'bundle', file, ...flags, primary.folder.path], { cwd })
  assert.equal(made.code, 0, made.output)
  const take = [
    'admin',
    'import-bundle',
    file,
    '--primary-url',
    'http://127.0.0.1:1',
    ...flags,
    dir,
  ]
  const moments = fc.sample(fc.integer({ min: 0, max: FILES - 1 }), { seed, numRuns: rounds })

  for (const moment of moments.toSorted((a, b) => a - b)) {
    await using importing = startCommand(take, { cwd })
    await until(async () => (await countBlobs(folder)) >= moment)
    await importing.kill('SIGKILL')
  }
  const last = await runCommand(take, { cwd })

  assert.equal(last.code, 0, last.output)
  assert.deepEqual(await verifyStore(dir), {
    ...(await verifyStore(primary.folder.path)),
    ...{ ok: true, serials: primary.serial + 1, blobs: FILES },
  })
  const store = await openStore({ dir })
  const change = await store.ledger.change(store.ledger.serial)
  await store.close()
  assert.deepEqual(change, await primary.ledger.change(primary.serial))
})

async function countBlobs(folder: TempFolder): Promise<number> {
  const names = await readdir(folder.join('data', 'blobs'), { recursive: true }).catch(() => [])
  return names.filter((name) => /[0-9a-f]{64}$/.test(name)).length
}
