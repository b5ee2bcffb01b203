/** What one sees of a server from outside: slow requests in its log, timings for root, and the dashboard's metrics. */
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { devpiAuth, logIn } from '../support/devpi-api.ts'
import { startYard } from '../support/yard.ts'

const dashboard = join(import.meta.dirname, '../../docs/how-to/grafana-dashboard.json')

test('a late answer has a line in the log that says what it waited for', async () => {
  await using yard = await startYard({ stages: ['ada/dev'], args: ['--slow-request', '1ms'] })
  const secret = Buffer.from('ada:wrong').toString('base64')

  await fetch(yard.url('+api'), { headers: { authorization: `Basic ${secret}` } })

  const line = await yard.logged(/.*"slow request".*"\/\+api".*|.*"\/\+api".*"slow request".*/)
  const { waited, answered } = JSON.parse(line) as {
    waited: Record<string, number>
    answered: number
  }
  assert.deepEqual(Object.keys(waited), ['password'])
  assert.ok((waited['password'] ?? 0) <= answered + 1)
})

test('root is told what an answer waited for, and nobody else unless one says so', async () => {
  for (const [whom, expected] of [
    ['root', [false, true]],
    ['everybody', [true, true]],
    ['nobody', [false, false]],
  ] as const) {
    await using yard = await startYard({ args: ['--server-timing', whom] })
    const token = await logIn(yard.url(), 'root', '')
    const timing = async (headers: Record<string, string>) =>
      (await fetch(yard.url('+api'), { headers })).headers.get('server-timing')

    const told = [await timing({}), await timing(devpiAuth({ user: 'root', secret: token }))]

    assert.deepEqual(
      told.map((one) => one !== null),
      expected,
      whom,
    )
    for (const one of told) if (one !== null) assert.match(one, /^total;dur=[\d.]+/)
  }
})

test('each metric that the dashboard shows is one that the server has, workers too', async () => {
  const text = await readFile(dashboard, 'utf8')
  const named = new Set(text.match(/wheelyard_\w+/g))
  await using yard = await startYard({ stages: ['ada/dev'], args: ['--workers', '2'] })
  const token = await logIn(yard.url(), 'ada', 'pw')
  const made = await fetch(yard.url('ada/mirror'), {
    method: 'PUT',
    headers: { 'content-type': 'application/json', ...devpiAuth({ user: 'ada', secret: token }) },
    body: JSON.stringify({ type: 'mirror', mirror_url: 'http://127.0.0.1:9/simple/' }),
  })
  assert.equal(made.status, 200)
  for (const path of ['ada/dev', 'ada/mirror/+simple/x/', '+api'])
    await (await fetch(yard.url(path))).text()

  const metrics = await (await fetch(yard.url('+metrics'))).text()
  const types = new Map(
    Array.from(metrics.matchAll(/^# TYPE (\w+) (\w+)$/gm), ([, name = '', type = '']) => [
      name,
      type,
    ]),
  )

  assert.ok(named.size > 15)
  for (const name of named) {
    const base = name.replace(/_(?:bucket|sum|count)$/, '')
    const isThere = types.has(name) || types.get(base) === 'histogram'
    assert.ok(isThere, `there is no ${name}`)
  }
})
