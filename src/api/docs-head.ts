/** Scripts that pages of documentation are given, so that they work where they are shown. */
import { pipeline, Transform, type Readable } from 'node:stream'

/**
 * A storage that lasts as long as the page: in a sandbox a browser denies them its own, and Sphinx's search, among others,
 * stops at the first use of it.
 */
const STORAGE =
  'for(const n of["localStorage","sessionStorage"])try{window[n]}catch{' +
  'Object.defineProperty(window,n,{value:Object.create({' +
  'getItem(k){return Object.hasOwn(this,k)?this[k]:null},setItem(k,v){this[k]=String(v)},' +
  'removeItem(k){delete this[k]},clear(){for(const k of Object.keys(this))delete this[k]},' +
  'key(i){return Object.keys(this)[i]??null},get length(){return Object.keys(this).length}})})}'

/** In a frame links to other hosts open a window of their own: our frame shows nothing but documentation. */
const OUTWARD =
  'if(parent!==self)addEventListener("click",e=>{const a=e.target.closest?.("a[href]");' +
  'if(e.isTrusted&&a&&!a.target&&/^https?:/.test(a.href)&&a.origin!==location.origin){a.target="_blank";a.rel="noopener"}},true)'

/**
 * Tells the frame around it where it is and what it is called, also when asked: it cannot be looked into. The frame takes
 * that as a stranger's word (`web/static/docs-frame.js`). In a sandbox, of no origin, it is told to nobody else's frame.
 */
const WHERE =
  'if(parent!==self){const tell=()=>parent.postMessage({wheelyardDocs:location.href,title:document.title},' +
  'self.origin==="null"?new URL(location.href).origin:"*");' +
  'for(const n of["DOMContentLoaded","load","pageshow","hashchange","popstate"])addEventListener(n,tell);' +
  'addEventListener("message",e=>{if(e.source===parent&&e.data==="wheelyardDocs")tell()})}'

const SCRIPT = `<script>${STORAGE};${OUTWARD};${WHERE}</script>`

/** How far into a page its head may begin. */
const LONGEST_START = 64 * 1024
/** Without a `<` in it, so that however many begin, no more is looked at than there is. */
const HEAD = /<head(?:\s[^<>]*)?>/i

/** The page with them as the first thing in its head; one without a head stays as it is. */
export function withScripts(page: Readable): Readable {
  const inserted = insert()
  pipeline(page, inserted, ignore)
  return inserted
}

function insert(): Transform {
  let start: Buffer | undefined = Buffer.alloc(0)
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      if (!start) return done(null, chunk)
      start = Buffer.concat([start, chunk])
      const cut = endOfHead(start)
      if (cut === undefined && start.length < LONGEST_START) return done()
      const page = cut === undefined ? start : splice(start, cut)
      start = undefined
      done(null, page)
    },
    flush: (done) => done(null, start),
  })
}

const splice = (page: Buffer, at: number): Buffer =>
  Buffer.concat([page.subarray(0, at), Buffer.from(SCRIPT), page.subarray(at)])

/** In Latin-1 a character is a byte. */
function endOfHead(bytes: Buffer): number | undefined {
  const found = HEAD.exec(bytes.toString('latin1'))
  return found ? found.index + found[0].length : undefined
}

function ignore(): void {}
