/** Documentation that means no good, in a real browser: whoever reads it is logged in, and stays unharmed. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Frame, Page, Request } from 'playwright-core'
import { startApi, type Api } from '../support/api.ts'
import { openPage } from '../support/browser.ts'
import { makeDocs, sendDocs } from '../support/docs.ts'
import { hostileDocs } from '../support/hostile-docs.ts'
import { findFreePort } from '../support/ports.ts'

interface Hosts {
  readonly title: string
  readonly main: string
  readonly docs: string | undefined
}

/** Browsers take all names below `localhost` for this machine. */
const all: readonly Hosts[] = [
  { title: 'in its sandbox', main: 'localhost', docs: undefined },
  { title: 'on a host of its own', main: 'localhost', docs: '127.0.0.1' },
  { title: 'on a host of the same domain', main: 'yard.localhost', docs: 'docs.yard.localhost' },
]

interface Site extends AsyncDisposable {
  readonly api: Api
  readonly main: string
  /** Of the documentation by itself. */
  readonly bare: string
  readonly framed: string
}

async function startSite({ main: mainHost, docs: docsHost }: Hosts): Promise<Site> {
  const port = await findFreePort()
  const main = `http://${mainHost}:${port}`
  const docs = docsHost && `http://${docsHost}:${port}`
  const urls = docs === undefined ? {} : { outsideUrl: main, docsUrl: docs }
  const api = await startApi({ indexes: ['ada/dev', 'eve/dev'], config: { port, ...urls } })
  const release = '/ada/dev/anchor/1.0'
  await sendDocs(api, hostileDocs(main), { name: 'anchor', version: '1.0' })
  return {
    api,
    main,
    bare: `${docs ?? main}${release}/+doc/index.html`,
    framed: `${main}${release}/+d/index.html`,
    [Symbol.asyncDispose]: () => api[Symbol.asyncDispose](),
  }
}

/** Ada, with something in her browser's storage that belongs to the server. */
async function logIn(page: Page, main: string): Promise<void> {
  await page.goto(`${main}/+login?goto_url=/ada/dev`)
  await page.fill('#field-username', 'ada')
  await page.fill('#field-password', 'pw')
  await page.keyboard.press('Enter')
  await page.waitForURL(`${main}/ada/dev`)
  await page.evaluate(`(async () => {
    localStorage.setItem('secret', 'x')
    sessionStorage.setItem('secret', 'x')
    await new Promise((done) => { indexedDB.open('secret').onsuccess = done })
  })()`)
}

/** The documentation: in the frame of a page, or the page itself. */
function docsIn(page: Page): Frame {
  const found = page.frames().find((frame) => frame.url().includes('/+doc/'))
  assert.ok(found, 'no documentation is shown')
  return found
}

const whenTitled = (frame: Frame, title: string): Promise<unknown> =>
  frame.waitForFunction(`document.title === '${title}'`)

/** What becomes of the four forms that the documentation sends. */
function watchForms(page: Page): Promise<{ sent: number; refused: number }> {
  let [sent, refused] = [0, 0]
  return new Promise((resolve) => {
    const tell = () => sent + refused === 4 && resolve({ sent, refused })
    page.on('response', (response) => {
      const request = response.request()
      if (!request.isNavigationRequest() || request.method() !== 'POST') return
      sent += 1
      tell()
    })
    page.on('console', (line) => {
      if (!/form-action/.test(line.text()) || line.type() !== 'error') return
      if (line.text().startsWith('refused: ')) return // what openPage itself says of it
      refused += 1
      tell()
    })
  })
}

/** What was sent to change something, with the reader's cookie. */
async function listSigned(requests: readonly Request[]): Promise<string[]> {
  const sent = requests.filter((request) => !['GET', 'HEAD'].includes(request.method()))
  const headers = await Promise.all(sent.map((request) => request.allHeaders()))
  return sent.flatMap((request, at) => (headers[at]?.['cookie'] ? [request.url()] : []))
}

for (const hosts of all) {
  for (const isFramed of [true, false]) {
    const place = isFramed ? 'the frame' : 'a window'
    const isNear = hosts.docs?.endsWith(`.${hosts.main}`) ?? false

    test(`hostile documentation ${hosts.title}, in ${place}, gets at nothing of its reader`, async () => {
      await using site = await startSite(hosts)
      await using watched = await openPage()
      const { page } = watched
      await logIn(page, site.main)
      const { serial } = site.api
      await page.goto(isFramed ? site.framed : site.bare)
      const requests: Request[] = []
      page.context().on('request', (request) => requests.push(request))
      const forms = watchForms(page)

      const docs = docsIn(page)
      await docs.click('#try')
      await whenTitled(docs, 'tried')
      const { sent, refused } = await forms

      assert.deepEqual(await docs.evaluate('window.got'), {})
      assert.equal(site.api.serial, serial)
      const ours = page.frames().filter((one) => one.url() === `${site.main}/+login`)
      assert.equal(ours.length, 0)
      // Between hosts of one domain the cookie goes along, and only what our pages add to it counts.
      if (!isNear) assert.deepEqual(await listSigned(requests), [])
      // The sandbox lets a page send forms to its own host, as a stranger.
      assert.deepEqual([sent, refused], hosts.docs === undefined ? [4, 0] : [0, 4])
      await page.goto(`${site.main}/ada/dev`)
      await page.getByRole('button', { name: 'Log out' }).waitFor()
    })

    test(`windows that hostile documentation ${hosts.title} opens from ${place} are out of its reach`, async () => {
      await using site = await startSite(hosts)
      await using watched = await openPage()
      const { page } = watched
      await logIn(page, site.main)
      await page.goto(isFramed ? site.framed : site.bare)
      const docs = docsIn(page)

      const opened: Page[] = []
      for (const path of ['/+login', '/ada/dev', '/ada/dev/+edit']) {
        // The browser lets it open one window for each time that its reader touches it.
        const [window] = await Promise.all([
          page.context().waitForEvent('page'),
          docs.click('#open'),
        ])
        await window.waitForURL(`${site.main}${path}`)
        opened.push(window)
      }
      const seen = await docs.evaluate('lookInto()')

      assert.deepEqual(seen, [])
      for (const one of opened) assert.doesNotMatch(await one.evaluate('location.href'), /stolen/)
    })
  }

  test(`hostile documentation ${hosts.title} cannot lead the window around it elsewhere`, async () => {
    await using site = await startSite(hosts)
    await using watched = await openPage()
    const { page } = watched
    await logIn(page, site.main)
    await page.goto(site.framed)
    const asked: string[] = []
    page.context().on('request', (request) => asked.push(request.url()))
    const docs = docsIn(page)

    await docs.click('#leave')
    await whenTitled(docs, 'stayed')

    // What would have been on its way is asked for before this.
    await page.evaluate(`fetch('/+api')`)
    assert.deepEqual(
      asked.filter((url) => url.includes('stolen')),
      [],
    )
    assert.equal(page.url(), site.framed)
    assert.doesNotMatch(await page.title(), /stolen/)
    const dialogs = watched.takeProblems().filter((problem) => problem.startsWith('dialog'))
    assert.deepEqual(dialogs, [])
  })
}

for (const { hosts, isFramed } of [
  { hosts: all[1]!, isFramed: false },
  { hosts: all[2]!, isFramed: false },
  { hosts: all[2]!, isFramed: true },
]) {
  const place = isFramed ? 'the frame' : 'a window'
  test(`documentation ${hosts.title}, in ${place}, has storage that lasts`, async () => {
    await using site = await startSite(hosts)
    await using watched = await openPage()
    const { page } = watched
    const address = isFramed ? site.framed : site.bare

    await page.goto(address)
    await docsIn(page).evaluate(`localStorage.setItem('theme', 'dark')`)
    await page.goto(address)

    assert.equal(await docsIn(page).evaluate(`localStorage.getItem('theme')`), 'dark')
  })
}

for (const hosts of all) {
  test(`documentation ${hosts.title} reads its own files, and has storage as long as it is shown`, async () => {
    await using site = await startSite(hosts)
    await using watched = await openPage()
    const { page } = watched

    for (const address of [site.framed, site.bare]) {
      await page.goto(address)
      const docs = docsIn(page)
      await docs.evaluate(`localStorage.setItem('theme', 'dark')`)

      assert.equal(await docs.evaluate(`localStorage.getItem('theme')`), 'dark')
      const data = `fetch('data.json').then((reply) => reply.json())`
      assert.deepEqual(await docs.evaluate(data), { found: 'data' })
      await docs.addScriptTag({ url: 'searchindex.js' })
      assert.equal(await docs.evaluate('window.found'), 'words')
    }
  })
}

for (const hosts of all) {
  test(`links of documentation ${hosts.title} to other hosts open a window, its own lead on in the frame`, async () => {
    await using site = await startSite(hosts)
    await using watched = await openPage()
    const { page } = watched
    const far = new URL('/+api', site.main)
    far.hostname = 'elsewhere.localhost'
    const docs = makeDocs({
      'index.html': `<html><head></head><body><a id="far" href="${far.href}">far</a> <a id="near" href="next.html">near</a></body></html>`,
      'next.html': '<title>next</title>',
    })
    await sendDocs(site.api, docs, { name: 'anchor', version: '2.0' })
    await page.goto(site.framed.replace('/1.0/', '/2.0/'))
    const frame = docsIn(page)

    const [window] = await Promise.all([page.context().waitForEvent('page'), frame.click('#far')])
    await window.waitForURL(far.href)
    await frame.click('#near')
    await whenTitled(frame, 'next')
  })
}

/** Two pages, one of them long, and one that lies about where it is. */
const wandering = (main: string) =>
  makeDocs({
    'index.html':
      '<html><head><title>Start</title></head><body><a id="next" href="sub/next.html?q=1#far">n</a></body></html>',
    'sub/next.html':
      '<html><head><title>Next <b>&amp;</b> more</title></head><body><a id="near" href="#near">n</a>' +
      '<p style="height:3000px"></p><p id="far">far</p></body></html>',
    'liar.html': `<html><head><title>Liar</title></head><body><script>
      const main = ${JSON.stringify(main)}
      const release = main + '/ada/dev/anchor/3.0'
      function lie() {
        const lies = [main + '/+login', main + '/ada/dev', release + '/+doc/../../4.0/+doc/a.html',
          release + '/+doc/%2e%2e/%2e%2e/+delete', 'https://elsewhere.example/+doc/', 'javascript:alert(1)',
          release + '/+doc', release, 5, null, {}, release + '/+doc/' + 'x'.repeat(5000)]
        for (const one of lies) parent.postMessage({ wheelyardDocs: one, title: 'stolen' }, '*')
        parent.postMessage('stolen', '*')
        parent.postMessage(null, '*')
        const title = 'Mine\\n\\u202e' + 'y'.repeat(1000)
        parent.postMessage({ wheelyardDocs: location.href.replace('liar', 'told'), title }, '*')
      }
      </script></body></html>`,
  })

for (const hosts of all) {
  test(`the frame follows documentation ${hosts.title}: address, anchor and title`, async () => {
    await using site = await startSite(hosts)
    await using watched = await openPage()
    const { page } = watched
    await sendDocs(site.api, wandering(site.main), { name: 'anchor', version: '3.0' })
    const root = site.framed.replace('/1.0/+d/index.html', '/3.0/+d/')
    const titled = (title: string) =>
      page.waitForFunction(`document.title.startsWith('${title} – ')`)

    await page.goto(`${root}index.html`)
    await titled('Start')
    await docsIn(page).click('#next')
    await page.waitForURL(`${root}sub/next.html?q=1#far`)
    await titled('Next <b>&</b> more')
    assert.match(await page.title(), / – anchor-3\.0 Documentation/)
    await docsIn(page).click('#near')
    await page.waitForURL(`${root}sub/next.html?q=1#near`)
    await page.goBack()
    await page.waitForURL(`${root}sub/next.html?q=1#far`)

    await page.goto(`${root}index.html`)
    await page.goto(`${root}sub/next.html#far`)
    await page.waitForFunction(`document.title.startsWith('Next')`)
    await docsIn(page).waitForFunction(`scrollY > 1000 && location.hash === '#far'`)
    assert.equal(page.url(), `${root}sub/next.html#far`)
  })

  test(`documentation ${hosts.title} that lies chooses a page of itself, and no more`, async () => {
    await using site = await startSite(hosts)
    await using watched = await openPage()
    const { page } = watched
    await sendDocs(site.api, wandering(site.main), { name: 'anchor', version: '3.0' })
    const root = site.framed.replace('/1.0/+d/index.html', '/3.0/+d/')
    await page.goto(`${root}liar.html`)
    await page.waitForFunction(`document.title.startsWith('Liar')`)
    await page.evaluate(
      `addEventListener('message', () => (window.heard = (window.heard ?? 0) + 1))`,
    )

    await docsIn(page).evaluate('lie()')
    await page.waitForFunction('window.heard >= 15')

    assert.equal(page.url(), `${root}told.html`)
    const title = await page.title()
    assert.match(title, /^Mine y{195} – anchor-3\.0 Documentation/)
  })
}
