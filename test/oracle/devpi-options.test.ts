/** Every option that devpi's commands themselves tell of has its answer here. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { devpiCommands, devpiOptions, otherDevpiOptions } from '#config-devpi'
import { cleanEnvironment } from '../support/client.ts'
import { runProcess } from '../support/process.ts'
import { pythonEnvironment } from '../support/python-env.ts'
import { makeTempFolder } from '../support/temp.ts'

const known = new Set([
  ...['help', 'version'],
  ...[...devpiOptions, ...otherDevpiOptions].map(({ name }) => name),
])

describe('each option is known of', () => {
  for (const command of Object.keys(devpiCommands)) {
    test(command, async () => {
      const servers = await pythonEnvironment('servers')
      await using home = await makeTempFolder('devpi-options')
      const env = cleanEnvironment(servers, home.path)

      const { code, stdout } = await runProcess(servers.bin(command), ['--help'], { env })
      const options = [...stdout.matchAll(/^ {2}(?:-\w(?: \w+)?, )?--([a-z][\w-]+)/gm)]
      const names = options.map(([, name = '']) => name)

      assert.equal(code, 0)
      assert.ok(names.includes('configfile'), stdout)
      assert.deepEqual(
        names.filter((name) => !known.has(name)),
        [],
      )
    })
  }
})
