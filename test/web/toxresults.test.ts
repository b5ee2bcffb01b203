/** The pages of results of tests. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sendToxresult } from '../support/toxresults.ts'
import { addRelease, getPage, linksIn, startWeb, textOf } from '../support/web.ts'

const result = (retcode: number, name = 'py311'): string =>
  JSON.stringify({
    host: 'builder',
    platform: 'linux',
    testenvs: {
      [name]: {
        python: { version: '3.11.2 (main)' },
        setup: [{ command: ['pip', 'install', '.'], output: '', retcode: '0' }],
        test: [{ command: ['pytest', '-q'], output: '<b>1 ran</b>', retcode }],
      },
    },
  })

async function start() {
  const api = await startWeb()
  const { sha256, filename } = await addRelease(api, 'ada/dev', 'anchor', '1.0')
  const file = `/ada/dev/+f/${sha256.slice(0, 3)}/${sha256.slice(3, 16)}/${filename}`
  return { api, file, list: `/ada/dev/anchor/1.0/+toxresults/${filename}` }
}

test('a page is not much larger than the result, however long the names in it', async () => {
  const { api, file, list } = await start()
  await using _api = api
  const long = 'x'.repeat(20_000)
  const names = Array.from({ length: 500 }, (_, at) => [`${at}${long}`.slice(0, 500), {}])
  const sent = { host: long, platform: long, testenvs: Object.fromEntries(names) }
  await sendToxresult(api, file, JSON.stringify(sent))

  const page = await getPage(api, list)

  assert.ok(page.bytes.length < 2_000_000, String(page.bytes.length))
  assert.match(page.text, new RegExp(`>${'x'.repeat(200)} ${'x'.repeat(200)}<`))
})

test('the results of a file are listed, newest first; the newest of each environment counts', async () => {
  const { api, file, list } = await start()
  await using _api = api
  await sendToxresult(api, file, result(1))
  await sendToxresult(api, file, result(0))

  const page = await getPage(api, list)

  assert.match(textOf(page.text), /Test results passed/)
  assert.match(textOf(page.text), /py311 passed builder linux 3\.11\.2 \(main\).*py311 failed/)
  for (const path of ['/ada/dev', '/ada/dev/anchor/1.0']) {
    const shown = await getPage(api, path)
    assert.ok(linksIn(shown.text).includes(list), path)
    assert.match(textOf(shown.text), /tests passed/)
  }
})

test('a result shows what was run and what came of it', async () => {
  const { api, file, list } = await start()
  await using _api = api
  await sendToxresult(api, file, result(1))
  const [one = ''] = linksIn((await getPage(api, list)).text).filter((link) =>
    link.startsWith(`${list}/`),
  )

  const page = await getPage(api, one.split('#')[0]!)

  const text = textOf(page.text)
  assert.match(text, /py311 failed builder linux/)
  assert.match(text, /Setup pip install \. Tests pytest -q <b>1 ran<\/b>/)
  assert.match(page.text, /id="builder-linux-py311"/)
})

test('what is no result is kept, and said to be unreadable; what is not there is 404', async () => {
  const { api, file, list } = await start()
  await using _api = api
  await sendToxresult(api, file, '[1, {"testenvs": 3}]')

  const page = await getPage(api, list)

  assert.match(textOf(page.text), /Test results unknown .*can’t be read/)
  assert.equal((await getPage(api, `${list}/nothing`)).status, 404)
  assert.equal((await getPage(api, `${list.replace('anchor-1.0', 'anchor-9')}`)).status, 404)
})
