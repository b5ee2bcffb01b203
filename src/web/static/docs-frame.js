// The frame around documentation follows it: iframe[data-docs-root][data-frame-root]. What is in the frame is a
// stranger's: it chooses a page below its own root, and a title, and no more.
const frame = document.querySelector('iframe[data-docs-root]')
const around = document.title
const LONGEST_TITLE = 200
const LONGEST_ADDRESS = 4000
/** The address bar is written so often in ten seconds at most: browsers refuse more. */
const MOST_CHANGES = 50
const TEN_SECONDS = 10_000
let changes = 0

/** A sandbox without an origin of its own says `null`. */
function expectedOrigin() {
  return frame.sandbox.contains('allow-same-origin')
    ? new URL(frame.dataset.docsRoot, location.href).origin
    : 'null'
}

/** Our address for one of the documentation's; undefined for any other. */
function addressFor(text) {
  if (typeof text !== 'string' || text.length > LONGEST_ADDRESS) return undefined
  const url = URL.parse(text)
  const docs = new URL(frame.dataset.docsRoot, location.href)
  if (!url || url.origin !== docs.origin || !url.pathname.startsWith(docs.pathname))
    return undefined
  const root = new URL(frame.dataset.frameRoot, location.href)
  const target = new URL(root)
  target.pathname += url.pathname.slice(docs.pathname.length)
  target.search = url.search
  target.hash = url.hash
  return target.pathname.startsWith(root.pathname) ? target.href : undefined
}

/** One line of plain text. */
function titleFor(text) {
  const shown = typeof text === 'string' ? text.slice(0, 10 * LONGEST_TITLE) : ''
  const line = shown.replace(/[\p{C}\p{Z}]+/gu, ' ').trim()
  return line === '' ? around : `${line.slice(0, LONGEST_TITLE).toWellFormed()} – ${around}`
}

function follow({ source, origin, data }) {
  if (source !== frame.contentWindow || origin !== expectedOrigin()) return
  const address = addressFor(data?.wheelyardDocs)
  if (address === undefined || changes >= MOST_CHANGES) return
  const title = titleFor(data.title)
  if (address === location.href && title === document.title) return
  changes += 1
  setTimeout(() => (changes -= 1), TEN_SECONDS)
  if (address !== location.href) history.replaceState(history.state, '', address)
  document.title = title
}

/** An anchor in our own address is one of the documentation. */
function leadToAnchor() {
  if (location.hash === '') return
  const url = new URL(frame.src, location.href)
  url.hash = location.hash
  frame.contentWindow.location.replace(url)
}

if (frame) {
  addEventListener('message', follow)
  addEventListener('hashchange', leadToAnchor)
  leadToAnchor()
  // It may have been there before this script was.
  frame.contentWindow.postMessage('wheelyardDocs', '*')
}
