/** The part of the how-to that lets nobody read who is not logged in, in a real nginx. */
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { ada } from '../support/client.ts'
import { makePip, twine } from '../support/clients.ts'
import { assertDone } from '../support/installers.ts'
import { startNginx } from '../support/nginx.ts'
import { makeWheel } from '../support/wheel.ts'
import { startYard } from '../support/yard.ts'

const page = join(import.meta.dirname, '../../docs/how-to/behind-nginx.md')
const BROWSER = { accept: 'text/html,*/*;q=0.8' }

/** The generated file with its last two locations as the how-to has them. */
async function withLogin(): Promise<(site: string) => string> {
  const [, part = ''] = /```nginx\n(.*?)```/s.exec(await readFile(page, 'utf8')) ?? []
  return (site) => `${site.slice(0, site.indexOf('    location / {'))}${part}}\n`
}

test('nginx sends browsers to the login and back, and lets programs in that log in', async () => {
  await using yard = await startYard({ stages: ['ada/dev'], args: ['--authcheck-login'] })
  await using nginx = await startNginx({ upstream: yard.url(), edit: await withLogin() })
  await using pip = await makePip()
  const ask = (path: string, init: RequestInit = {}) =>
    fetch(path.startsWith('http') ? path : nginx.url(path), { redirect: 'manual', ...init })
  assertDone(await twine.upload([makeWheel('anchor', '1.0')], nginx.url('ada/dev/'), ada))

  const asked = await ask('ada/dev/anchor?x=1', { headers: BROWSER })
  assert.equal(asked.status, 302)
  const login = asked.headers.get('location') ?? ''
  assert.equal((await ask(login, { headers: BROWSER })).status, 200)
  const sent = await ask(login, {
    method: 'POST',
    headers: { ...BROWSER, origin: nginx.url().replace(/\/$/, '') },
    body: new URLSearchParams({ username: 'ada', password: 'pw' }),
  })
  assert.equal(sent.status, 303)
  assert.equal(sent.headers.get('location'), nginx.url('ada/dev/anchor?x=1'))
  const cookie = sent.headers.get('set-cookie')?.split(';', 1)[0] ?? ''
  const shown = await ask('ada/dev/anchor', { headers: { ...BROWSER, cookie } })
  assert.equal(shown.status, 200)

  const refused = await ask('ada/dev/+simple/anchor/')
  assert.equal(refused.status, 401)
  assert.match(refused.headers.get('www-authenticate') ?? '', /^Basic/)
  const index = nginx.url('ada/dev/+simple/')
  assert.notEqual((await pip.install('anchor', index, '--no-input')).code, 0)
  assertDone(await pip.install('anchor', index.replace('://', '://ada:pw@')))
})
