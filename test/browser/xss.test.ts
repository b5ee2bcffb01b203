/** Texts that try to run, wherever a stranger may leave one, in a real browser: none does, and none loads anything. */
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { createLog } from '#base/log'
import { Readmes } from '#readme/readme'
import { findActive, findActiveOn, touchActive } from '../support/active-content.ts'
import { logIn, open, openPage, urlOf, type WatchedPage } from '../support/browser.ts'
import { startHostileServer } from '../support/hostile-server.ts'
import { hostileLine, hostileText, hostileTexts } from '../support/hostile-text.ts'

type Findings = Record<string, string[]>

const server = await startHostileServer()
after(() => server[Symbol.asyncDispose]())
const { api } = server

/** What has run or loaded something, what the content policy refused, and what could run. */
async function lookAtPage(watched: WatchedPage): Promise<string[]> {
  const { page } = watched
  const active = await findActive(page)
  if (active.length > 0) await touchActive(page)
  return [...active, ...watched.takeProblems()]
}

async function lookAt(watched: WatchedPage, paths: readonly string[]): Promise<Findings> {
  const findings: Findings = {}
  for (const path of paths) {
    await open(watched.page, api, path)
    const found = await lookAtPage(watched)
    if (found.length > 0) findings[path.slice(0, 200)] = found
  }
  return findings
}

test('nothing runs on pages that anybody may read, nor would it without a content policy', async () => {
  await using watched = await openPage()
  await using careless = await openPage({ bypassCSP: true })

  const both = [lookAt(watched, server.pages), lookAt(careless, server.pages)]

  assert.deepEqual(await Promise.all(both), [{}, {}])
  assert.deepEqual(await findActiveOn(watched.page, server.more), {})
})

test('nor on those of somebody who is logged in', async () => {
  await using watched = await openPage()
  await logIn(watched.page, api, '/ada')

  assert.deepEqual(await lookAt(watched, server.ownPages), {})
})

test('nor when it is what somebody has typed, and there are mistakes in it', async () => {
  await using watched = await openPage({ bypassCSP: true })
  const { page } = watched
  await logIn(page, api, '/ada')
  const send = async (path: string, fields: Record<string, string>) => {
    await open(page, api, path)
    for (const [name, text] of Object.entries(fields)) {
      await page.evaluate(
        `document.querySelector('.form [name=${name}]').value = ${JSON.stringify(text)}`,
      )
    }
    await page.evaluate(`document.querySelector('.form').noValidate = true`)
    await Promise.all([page.waitForNavigation(), page.locator('.form .submit button').click()])
    return lookAtPage(watched)
  }

  assert.deepEqual(await send('/ada/+new-index', { name: hostileLine }), [])
  assert.deepEqual(
    await send('/ada/dev/+edit', { custom_data: hostileText, bases: hostileText }),
    [],
  )
  assert.deepEqual(await send('/ada/+edit', { custom_data: hostileText, email: hostileLine }), [])
  assert.deepEqual(await send('/+login', { username: hostileLine, password: hostileLine }), [])
})

test('nor when scripts show it: names of files, suggestions, lines to be put in order', async () => {
  await using watched = await openPage({ bypassCSP: true })
  const { page } = watched
  await logIn(page, api, '/ada/dev/+upload')
  const names = hostileTexts.map((text) => `${text.replace(/[\p{Cc}/]/gu, '')}.whl`)
  const files = names.map((name) => ({ name, mimeType: 'x', buffer: Buffer.from('no zip') }))
  await page.getByText('Choose files, or drop them here.').waitFor()
  await page.setInputFiles('#field-content', files)
  await page.getByRole('button', { name: 'Upload', exact: true }).click()
  await page.waitForFunction(
    `document.querySelectorAll('.uploads .refused').length === ${files.length}`,
  )
  // Each was refused, as it should be.
  const uploads = (await lookAtPage(watched)).filter((one) => !one.startsWith('4'))

  const wellFormed = hostileTexts.map((text) => text.toWellFormed())
  const result = wellFormed.map((text) => ({ project: text, index: text }))
  await page.route('**/+search/suggest?*', (route) => route.fulfill({ json: { result } }))
  await page.getByRole('searchbox').or(page.getByRole('combobox')).fill('alert')
  await page.locator('.suggestions li').first().waitFor()
  const suggestions = await lookAtPage(watched)

  await open(page, api, '/ada/dev/+edit')
  await page.getByRole('textbox', { name: 'Add to bases' }).fill(hostileLine)
  await page.getByRole('button', { name: 'Add to bases' }).click()
  await page.locator('.sortable li').first().waitFor()
  const lines = await lookAtPage(watched)

  assert.deepEqual({ uploads, suggestions, lines }, { uploads: [], suggestions: [], lines: [] })
})

test('nor in descriptions, of which each is read alone', async () => {
  await using watched = await openPage({ bypassCSP: true })
  const html = await renderEach()
  const address = urlOf(api, '/descriptions')
  const body = `<!doctype html><main>${html.join('')}</main>`
  await watched.page.route(address, (route) => route.fulfill({ contentType: 'text/html', body }))

  await watched.page.goto(address)
  const shown = await watched.page.evaluate(`document.querySelectorAll('main > .readme').length`)

  assert.deepEqual(await lookAtPage(watched), [])
  assert.equal(shown, html.length)
})

test('documentation does what it likes in its box, and its reader notices nothing', async () => {
  await using watched = await openPage()
  const { page } = watched

  await open(page, api, server.docs)
  await page.waitForLoadState('networkidle')
  const asked = watched.takeProblems().filter((problem) => problem.startsWith('dialog'))

  assert.deepEqual([asked, await findActive(page)], [[], []])
  assert.equal(page.url(), urlOf(api, server.docs))
})

test('all of it would be noticed', async () => {
  for (const bypassCSP of [false, true]) {
    await using watched = await openPage({ bypassCSP })
    const { page } = watched
    const address = urlOf(api, '/careless')
    const policy = (await api.get('/', { accept: 'text/html' })).headers['content-security-policy']
    for (const text of ['<script>alert(1)</script>', '<img src=x onerror=alert(1)>']) {
      await page.unroute(address)
      const headers = { 'content-security-policy': policy ?? '' }
      await page.route(address, (route) =>
        route.fulfill({ contentType: 'text/html', headers, body: text }),
      )
      await page.goto(address)
      const found = await lookAtPage(watched)
      assert.ok(
        found.some((one) => one.startsWith(bypassCSP ? 'dialog: 1' : 'console: refused')),
        found.join('\n'),
      )
      assert.ok(
        found.some((one) => one.startsWith('<')),
        found.join('\n'),
      )
    }
  }
})

async function renderEach(): Promise<string[]> {
  const readmes = new Readmes({
    log: createLog({ level: 'silent' }),
    limits: { milliseconds: 60_000, waitMilliseconds: 60_000, queue: 10_000 },
  })
  try {
    const kinds = ['text/markdown', 'text/x-rst', 'text/plain']
    const all = kinds.flatMap((contentType) =>
      hostileTexts.map((text) => readmes.render({ text, contentType, images: 'link' })),
    )
    return (await Promise.all(all)).map(({ html }) => `<div class="readme">${html}</div>`)
  } finally {
    readmes.close()
  }
}
