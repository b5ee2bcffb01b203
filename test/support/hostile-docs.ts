/** Documentation that tries to get at its reader's login in every way a script has, and keeps what it got. */
import { makeDocs, type DocsZip } from './docs.ts'

/**
 * Each returns what it got, or fails. `MAIN` is the address of the server, where the reader is logged in. What shows
 * only outside of the page leads to an address with `stolen` in it.
 */
const attempts: Readonly<Record<string, string>> = {
  cookies: `return document.cookie.includes('wheelyard') ? document.cookie : ''`,
  parent: `return top !== self && String(parent.document.body)`,
  top: `return top !== self && String(top.location.href)`,
  frames: `return top !== self && [...top.frames].filter((one) => one !== self).map((one) => one.document.body)`,
  frameElement: `return frameElement && frameElement.outerHTML`,
  opener: `return opener && String(opener.document.body)`,
  domain: `document.domain = MAIN_HOST; return top !== self && String(parent.document.body)`,
  storage: `return localStorage.getItem('secret') || sessionStorage.getItem('secret')`,
  databases: `return (await indexedDB.databases()).find(({ name }) => name === 'secret')`,
  worker: `return (await navigator.serviceWorker.register('sw.js')).scope`,
  'worker of the server': `return (await navigator.serviceWorker.register(MAIN + '/sw.js')).scope`,

  page: `return (await fetch(MAIN + '/+login', { credentials: 'include' })).text()`,
  'page of our own host': `return /csrf/.test(await (await fetch('/+login', { credentials: 'include' })).text())`,
  JSON: `return (await fetch(MAIN + '/ada', { credentials: 'include', headers: { accept: 'application/json' } })).text()`,
  request: `
    const request = new XMLHttpRequest()
    request.open('GET', MAIN + '/+login', false)
    request.withCredentials = true
    request.send()
    return request.responseText`,
  'fetch in a worker': `
    const code = "fetch('" + MAIN + "/+login', { credentials: 'include' }).then((r) => r.text()).then(postMessage, () => postMessage(''))"
    const worker = new Worker(URL.createObjectURL(new Blob([code])))
    return new Promise((resolve, reject) => {
      worker.onmessage = ({ data }) => resolve(data)
      worker.onerror = reject
    })`,
  'frame of ours': `
    const frame = document.createElement('iframe')
    frame.src = MAIN + '/+login'
    document.body.append(frame)
    await new Promise((resolve) => frame.addEventListener('load', resolve))
    return frame.contentDocument?.body.innerText.includes('Wheelyard') || frame.contentWindow.document.body.innerText`,
  'frame without a box': `
    const frame = document.createElement('iframe')
    frame.srcdoc = '<p>x'
    document.body.append(frame)
    await new Promise((resolve) => frame.addEventListener('load', resolve))
    return frame.contentWindow.Function('return top.document.body.innerText')() && top !== self`,

  change: `await fetch(MAIN + '/ada/dev', { ...POST, method: 'PATCH', mode: 'cors', body: '{"title":"stolen"}' })`,
  'new user': `await fetch(MAIN + '/stolen', { ...POST, method: 'PUT', mode: 'cors', body: '{"password":"x"}' })`,
  'simple post': `await fetch(MAIN + '/ada/dev/+delete', { ...POST, body: new URLSearchParams({ typed: 'ada/dev', csrf: 'x' }) })`,
  logout: `await fetch(MAIN + '/+logout', { ...POST })`,
  beacon: `navigator.sendBeacon(MAIN + '/+logout', new URLSearchParams({ csrf: 'x' }))`,
  'form that deletes': `deliver('/ada/dev/+delete', { name: 'ada/dev', typed: 'ada/dev', csrf: 'x' })`,
  'form that logs out': `deliver('/+logout', {})`,
  'form that logs in': `deliver('/+login', { username: 'eve', password: 'pw' })`,
  'form that uploads': `deliver('/ada/dev', { ':action': 'submit', name: 'stolen', version: '1' })`,
}

/** Each would end the page around, or the page itself where it has none around it. */
const departures: Readonly<Record<string, string>> = {
  'top.location': `top.location = MAIN + '/stolen/1'`,
  'top.location.href': `top.location.href = MAIN + '/stolen/2'`,
  'top.location.replace': `top.location.replace(MAIN + '/stolen/3')`,
  'parent.location with a script': `parent.location = 'javascript:document.title="stolen"'`,
  'top.location.hash': `top.location.hash = 'stolen'`,
  'open in _top': `open(MAIN + '/stolen/4', '_top')`,
  'open in _parent': `open(MAIN + '/stolen/5', '_parent')`,
  'link to _top': `link('/stolen/6', '_top')`,
  'form to _top': `send('/stolen/7', {}, '_top')`,
  'form by GET to _parent': `send('/stolen/8', {}, '_parent', 'GET')`,
  'base of _top': `
    const base = document.createElement('base')
    base.target = '_top'
    document.head.append(base)
    link('/stolen/9', '')
    base.remove()`,
  'child frame to _top': `
    const frame = document.createElement('iframe')
    frame.srcdoc = '<script>top.location = "' + MAIN + '/stolen/10"<\\/script>'
    document.body.append(frame)`,
  'a dialog': `alert('stolen')`,
}

/** Windows of ours, to be looked into and led elsewhere once they are there. */
const windows: readonly string[] = ['/+login', '/ada/dev', '/ada/dev/+edit']

const asFunctions = (codes: Readonly<Record<string, string>>): string =>
  Object.entries(codes)
    .map(([name, code]) => `${JSON.stringify(name)}: async () => {\n${code}\n}`)
    .join(',\n')

const script = (main: string): string => `
const MAIN = ${JSON.stringify(main)}
const MAIN_HOST = new URL(MAIN).hostname
const POST = { method: 'POST', mode: 'no-cors', credentials: 'include' }

function send(path, fields, target, method = 'POST') {
  const form = Object.assign(document.createElement('form'), { action: MAIN + path, method, target })
  for (const [name, value] of Object.entries(fields)) {
    form.append(Object.assign(document.createElement('input'), { name, value }))
  }
  document.body.append(form)
  form.submit()
}
/** Into a frame of its own. */
function deliver(path, fields) {
  const frame = Object.assign(document.createElement('iframe'), { name: 'sink-' + path })
  document.body.append(frame)
  send(path, fields, frame.name)
}
function link(path, target) {
  const a = Object.assign(document.createElement('a'), { href: MAIN + path, target, textContent: 'x' })
  document.body.append(a)
  a.click()
}

const attempts = { ${asFunctions(attempts)} }
const departures = { ${asFunctions(departures)} }
const paths = ${JSON.stringify(windows)}
const opened = []

async function run(named) {
  const got = {}
  for (const [name, attempt] of Object.entries(named)) {
    try {
      const value = await attempt()
      if (value) got[name] = String(value).slice(0, 200)
    } catch {}
  }
  return got
}

document.getElementById('try').onclick = async () => {
  document.title = 'trying'
  window.got = await run(attempts)
  document.title = 'tried'
}
document.getElementById('leave').onclick = async () => {
  window.got = await run(departures)
  document.title = 'stayed'
}
document.getElementById('open').onclick = () => {
  opened.push(open(MAIN + paths[opened.length], '_blank'))
}
/** After they have been loaded. */
window.lookInto = () => opened.flatMap((one, at) => {
  try { one.location = MAIN + '/stolen/window/' + at } catch {}
  try { one.postMessage('stolen', '*') } catch {}
  try { return [one.document.body.innerText] } catch { return [] }
})
`

/** With buttons to begin by, since much is allowed only to a page that its reader has touched. */
export function hostileDocs(main: string): DocsZip {
  const page = `<!DOCTYPE html><html><head><title>start</title></head><body>
<button id="try">Try</button> <button id="leave">Leave</button> <button id="open">Open</button>
<script src="hostile.js"></script></body></html>`
  return makeDocs({
    'index.html': page,
    'hostile.js': script(main),
    'sw.js': 'addEventListener("fetch", (e) => e.respondWith(new Response("stolen")))',
    'searchindex.js': 'window.found = "words"',
    'data.json': '{"found":"data"}',
  })
}
