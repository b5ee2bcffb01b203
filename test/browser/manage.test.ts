/** What logged-in people do, in a real browser: with and without scripts, and by keys alone. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Page } from 'playwright-core'
import { findViolations, logIn, openPage, urlOf } from '../support/browser.ts'
import { makeDocs, sendDocs } from '../support/docs.ts'
import { addRelease, startWeb } from '../support/web.ts'
import { makeWheel, type Distribution } from '../support/wheel.ts'

const indexes = ['team/prod', 'ada/dev', 'bob/dev']
/** Follows a link to a form above what a page shows. */
async function act(page: Page, name: string): Promise<void> {
  const actions = page.getByRole('navigation', { name: 'Actions' })
  await actions.getByRole('link', { name, exact: true }).click()
}

async function drop(page: Page, area: string, files: readonly Distribution[]): Promise<void> {
  const sent = files.map(({ filename, bytes }) => ({ filename, text: bytes.toString('base64') }))
  const dataTransfer = await page.evaluateHandle(`(() => {
    const transfer = new DataTransfer()
    for (const { filename, text } of ${JSON.stringify(sent)}) {
      const bytes = Uint8Array.from(atob(text), (char) => char.charCodeAt(0))
      transfer.items.add(new File([bytes], filename))
    }
    return transfer
  })()`)
  await page.dispatchEvent(area, 'drop', { dataTransfer })
}

test('from the login over files that are dropped to deleting them', async () => {
  await using api = await startWeb({ indexes })
  await using watched = await openPage()
  const { page } = watched
  await logIn(page, api, '/ada/dev')

  await act(page, 'Upload')
  const bad = { ...makeWheel('bad', '1.0'), bytes: Buffer.from('no zip') }
  await page.getByText('Choose files, or drop them here.').waitFor() // the script is there
  await drop(page, '[data-drop]', [makeWheel('anchor', '1.0'), bad])
  await page.locator('.uploads .taken', { hasText: 'anchor 1.0' }).waitFor()
  await page.locator('.uploads .refused', { hasText: 'is not a zip archive' }).waitFor()
  assert.deepEqual(await findViolations(page), [])

  await page.getByRole('link', { name: 'anchor 1.0' }).click()
  await act(page, 'Yank')
  await page.getByLabel('Reason').fill('sinks')
  await page.getByRole('button', { name: 'Yank anchor 1.0' }).click()
  await page.waitForURL('**/ada/dev/anchor/1.0')
  assert.equal((await api.get('/ada/dev/anchor')).result['1.0'].yanked, 'sinks')

  await act(page, 'Delete')
  await page.getByLabel('though the index is not volatile').check()
  await page.getByRole('button', { name: 'Delete anchor 1.0' }).click()
  await page.waitForURL('**/ada/dev/anchor')
  assert.equal((await api.get('/ada/dev/anchor')).status, 404)
  // The file that is no wheel.
  const others = watched.takeProblems().filter((problem) => !problem.startsWith('400: '))
  assert.deepEqual(others, [])
})

test('without scripts all of it works too', async () => {
  await using api = await startWeb({ indexes })
  await using watched = await openPage({ javaScriptEnabled: false })
  const { page } = watched
  await logIn(page, api, '/ada/dev')

  await act(page, 'Upload')
  const { filename: name, bytes: buffer } = makeWheel('anchor', '1.0')
  await page.setInputFiles('#field-content', [{ name, mimeType: 'application/zip', buffer }])
  await page.getByRole('button', { name: 'Upload', exact: true }).click()
  await page.waitForURL('**/ada/dev')
  await act(page, 'Change')
  await page.locator('#field-bases').fill('bob/dev\nteam/prod')
  await page.getByRole('button', { name: 'Save' }).click()
  await page.waitForURL('**/ada/dev')
  const { result } = await api.get('/ada/dev')
  assert.deepEqual([result.projects, result.bases], [['anchor'], ['bob/dev', 'team/prod']])

  await page.getByRole('button', { name: 'Log out' }).click()
  await page.getByRole('link', { name: 'Log in' }).waitFor()
})

test('bases are put in order by keys, and mistakes get the focus', async () => {
  await using api = await startWeb({ indexes })
  await api.patch('/ada/dev', { as: 'ada', json: { bases: ['team/prod', 'bob/dev'] } })
  await using watched = await openPage()
  const { page } = watched
  await logIn(page, api, '/ada/dev/+edit')

  await page.getByRole('button', { name: 'Move bob/dev up' }).focus()
  await page.keyboard.press('Enter')
  await page.getByRole('status').getByText('bob/dev is number 1 of 2').waitFor()
  await page.locator('#field-custom_data').fill('{')
  await page.getByRole('button', { name: 'Save' }).press('Enter')
  await page.getByRole('alert').waitFor()
  assert.equal(await page.evaluate(`document.activeElement?.getAttribute('role')`), 'alert')
  assert.deepEqual(await findViolations(page), [])
  await page.getByRole('alert').getByRole('link').press('Enter')
  await page.locator('#field-custom_data').fill('{}')
  await page.getByRole('button', { name: 'Save' }).press('Enter')
  await page.waitForURL('**/ada/dev')

  assert.deepEqual((await api.get('/ada/dev')).result.bases, ['bob/dev', 'team/prod'])
})

test('a base that was typed counts, whether it was added or not', async () => {
  await using api = await startWeb({ indexes })
  await using watched = await openPage()
  const { page } = watched
  await logIn(page, api, '/ada/dev/+edit')

  await page.getByLabel('Add to bases').and(page.locator('input')).fill('bob/dev')
  await page.getByRole('button', { name: 'Save' }).press('Enter')
  await page.waitForURL('**/ada/dev')

  assert.deepEqual((await api.get('/ada/dev')).result.bases, ['team/prod', 'bob/dev'])
})

test('uploaded documentation can do nothing with the login of its reader', async () => {
  await using api = await startWeb({ indexes })
  await addRelease(api, 'ada/dev', 'foo', '1.0')
  const script = `
    const told = []
    const tell = (what, sent) => sent.then(
      async (answer) => told.push(what + ' ' + answer.status + ' ' + (await answer.text()).includes('name="csrf"')),
      () => told.push(what + ' failed'),
    )
    const all = { credentials: 'include' }
    const json = { 'content-type': 'application/json' }
    Promise.all([
      tell('read', fetch('/ada/+edit', all)),
      tell('delete', fetch('/ada/dev/foo', { ...all, method: 'DELETE' })),
      tell('post', fetch('/ada/+edit', { ...all, method: 'POST', mode: 'no-cors', body: new URLSearchParams({ title: 'x' }) })),
      tell('make', fetch('/ada/new', { ...all, method: 'PUT', headers: json, body: '{}' })),
    ]).then(() => {
      told.push('cookie ' + (() => { try { return document.cookie } catch { return 'denied' } })())
      document.title = 'done ' + told.join(', ')
    })`
  const html = `<!doctype html><title>docs</title><script>${script}</script>
    <form method="post" action="/ada/+edit"><input name="title" value="evil"><button>Next page</button></form>`
  await sendDocs(api, makeDocs({ 'index.html': html }))
  await using watched = await openPage()
  const { page } = watched
  await logIn(page, api, '/ada/dev')
  const { serial } = api

  await page.goto(urlOf(api, '/ada/dev/foo/1.0/+doc/index.html'))
  await page.waitForFunction(`document.title.startsWith('done')`)
  const title = await page.title()
  await page.getByRole('button', { name: 'Next page' }).click()
  await page.waitForLoadState()

  assert.match(title, /cookie denied/)
  assert.match(title, /read failed, |read \d+ false/)
  assert.doesNotMatch(title, /true/)
  assert.equal(api.serial, serial)
})
