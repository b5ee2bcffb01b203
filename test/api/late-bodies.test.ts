/** A body may take hours to come in. What its sender may do is what they may do when it is here, as with devpi. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { startApi, type Api } from '../support/api.ts'
import { devpiAuth } from '../support/devpi-api.ts'
import { openSocket } from '../support/raw-socket.ts'
import { readAll } from '../support/serve-routes.ts'
import { uploadForm } from '../support/uploader.ts'
import { makeWheel } from '../support/wheel.ts'

const form = uploadForm(makeWheel('anchor', '1.0'))
const json = (value: unknown) => ({
  type: 'application/json',
  body: Buffer.from(JSON.stringify(value)),
})

const cases = [
  { line: 'POST /bob/dev/', ...form, status: 401 },
  { line: 'PUT /ada/new', ...json({ type: 'stage' }), status: 403 },
  { line: 'PATCH /ada', ...json({ title: 'mine' }), status: 403 },
  { line: 'PATCH /ada', ...json({ password: 'mine' }), status: 403 },
]

for (const { line, type, body, status } of cases) {
  const what = type === 'application/json' ? body.toString() : 'a form'
  test(`${line} with ${what} that is complete after its sender was removed is refused`, async () => {
    await using api = await startApi({ transport: 'socket', indexes: ['ada/dev'] })
    await api.makeIndex('bob/dev', { acl_upload: ['ada', 'bob'] })
    await api.patch('/ada/dev', { as: 'ada', json: { volatile: true } })
    const { answer, finish } = await begin(api, line, { type, body })

    await api.del('/ada', { as: 'root' })
    await api.makeUser('ada', 'another')
    const { serial } = api
    finish()

    assert.match(await answer, new RegExp(`\\r\\n\\r\\nHTTP/1\\.1 ${status} `))
    assert.equal(api.serial, serial)
  })
}

/** Sends the head and half of the body; by then the server knows whose request it is. */
async function begin(api: Api, line: string, { type, body }: { type: string; body: Buffer }) {
  const login = await api.post('/+login', { json: { user: 'ada', password: 'pw' } })
  const [[name, value] = []] = Object.entries(
    devpiAuth({ user: 'ada', secret: login.result.password }),
  )
  const socket = await openSocket(api.app.url)
  const answer = readAll(socket)
  const head = [
    `${line} HTTP/1.1`,
    'Host: x',
    'Connection: close',
    'Expect: 100-continue',
    `${name}: ${value}`,
    `Content-Type: ${type}`,
    `Content-Length: ${body.length}`,
  ]
  socket.write(`${head.join('\r\n')}\r\n\r\n`)
  await once(socket, 'data')
  const half = Math.floor(body.length / 2)
  socket.write(body.subarray(0, half))
  return { answer, finish: () => socket.write(body.subarray(half)) }
}
