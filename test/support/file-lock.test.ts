/** Two processes, one lock. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { withFileLock } from './file-lock.ts'
import { startProcess } from './process.ts'
import { makeTempFolder } from './temp.ts'

const holder = (file: string): string => `
  import { withFileLock } from '${new URL('./file-lock.ts', import.meta.url).href}'
  await withFileLock(${JSON.stringify(file)}, () => new Promise(() => {
    console.log('holds it')
    setInterval(() => {}, 1000)
  }))
`

test('a lock is waited for, and free again when the process that held it was killed', async () => {
  await using folder = await makeTempFolder('lock')
  const file = folder.join('some.lock')
  const args = ['--input-type=module', '--eval', holder(file)]
  await using other = startProcess(process.execPath, args, { env: {} })
  await other.until(() => other.stdout.includes('holds it') || undefined)

  let hasWaited = false
  const entered = withFileLock(
    file,
    async () => hasWaited,
    () => {
      hasWaited = true
      void other.kill('SIGKILL')
    },
  )

  assert.equal(await entered, true)
})

test('a lock is free again after work that failed', async () => {
  await using folder = await makeTempFolder('lock')
  const file = folder.join('some.lock')

  await assert.rejects(withFileLock(file, () => Promise.reject(new Error('failed'))))

  assert.equal(await withFileLock(file, async () => 'entered'), 'entered')
})
