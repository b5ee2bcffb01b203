import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { createLog, type LogLevel } from './log.ts'

function startLog(level?: LogLevel) {
  const written: string[] = []
  const stream = { write: (text: string) => written.push(text) }
  const log = createLog({ stream, clock: { now: () => 0 }, ...(level ? { level } : {}) })
  return { log, written }
}

test('a line is one JSON object with time, level, message and the fields', () => {
  const { log, written } = startLog()

  log.info({ id: 'a-1', status: 200, user: undefined }, 'request')
  log.flush()

  assert.deepEqual(written, [
    '{"time":"1970-01-01T00:00:00.000Z","level":"info","message":"request","id":"a-1","status":200}\n',
  ])
})

test('lines are held back for a moment and written together', () => {
  const { log, written } = startLog()

  log.info({}, 'one')
  log.info({}, 'two')
  assert.equal(written.length, 0)
  log.flush()

  assert.equal(written.length, 1)
  assert.equal(written[0]?.split('\n').length, 3)
})

test('a warning is written at once, with what was held back before it', () => {
  const { log, written } = startLog()

  log.info({}, 'before')
  log.warn({}, 'now')

  assert.match(written[0] ?? '', /before.*\n.*now.*\n$/)
})

test('an error is written with its stack and its cause', () => {
  const { log, written } = startLog()

  log.error({ error: new Error('outer', { cause: new Error('inner') }) }, 'failed')

  const { error } = JSON.parse(written[0] ?? '') as { error: Record<string, unknown> }
  assert.equal(error.message, 'outer')
  assert.match(String(error.stack), /log\.test\.ts/)
  assert.equal((error.cause as { message: string }).message, 'inner')
})

test('lines below the level are not written', () => {
  const { log, written } = startLog('warn')

  log.debug({}, 'no')
  log.info({}, 'no')
  log.warn({}, 'yes')
  log.flush()

  assert.equal(written.length, 1)
  assert.doesNotMatch(written[0] ?? '', /"no"/)
})

test('what cannot be printed fails nobody', () => {
  const { log, written } = startLog()
  const circle: Record<string, unknown> = { big: 1n }
  circle.self = circle

  log.info({ big: 2n }, 'fine')
  log.info({ circle }, 'circular')
  log.flush()

  assert.match(written[0] ?? '', /"big":"2"/)
  assert.match(written[0] ?? '', /"unprintable":true/)
})

test('what is held back is written when the process exits', () => {
  const script = `
    import { createLog } from ${JSON.stringify(new URL('log.ts', import.meta.url).href)}
    createLog().info({}, 'last words')
    process.exit(3)`

  const child = spawnSync(process.execPath, ['--input-type=module', '-e', script])

  assert.equal(child.status, 3)
  assert.match(child.stderr.toString(), /last words/)
})
