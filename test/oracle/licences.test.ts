/** Our list of SPDX identifiers beside that of the `packaging` library, from which it was made. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { CURRENT_LICENCES, DEPRECATED_LICENCES } from '#python/licence-ids'
import { pythonEnvironment } from '../support/python-env.ts'

const ASK = `
import json
from packaging.licenses._spdx import LICENSES
print(json.dumps(list(LICENSES.values())))
`

test('the identifiers of licences are those that packaging knows', async () => {
  const { python } = await pythonEnvironment()
  const { status, stdout, stderr } = spawnSync(python, ['-I', '-c', ASK], { encoding: 'utf8' })
  assert.equal(status, 0, stderr)

  const theirs = JSON.parse(stdout) as readonly {
    readonly id: string
    readonly deprecated: boolean
  }[]

  const listOf = (deprecated: boolean): string[] =>
    theirs.filter((one) => one.deprecated === deprecated).map(({ id }) => id)
  assert.deepEqual([...CURRENT_LICENCES].sort(), listOf(false).sort())
  assert.deepEqual([...DEPRECATED_LICENCES].sort(), listOf(true).sort())
})
