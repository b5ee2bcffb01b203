/**
 * A storage for pages of documentation. They are sandboxed, where a browser denies them its own, and Sphinx's
 * search, among others, stops at the first use of it. This one lasts as long as the page.
 */
import { pipeline, Transform, type Readable } from 'node:stream'

const SCRIPT =
  '<script>for(const n of["localStorage","sessionStorage"])try{window[n]}catch{' +
  'Object.defineProperty(window,n,{value:Object.create({' +
  'getItem(k){return Object.hasOwn(this,k)?this[k]:null},setItem(k,v){this[k]=String(v)},' +
  'removeItem(k){delete this[k]},clear(){for(const k of Object.keys(this))delete this[k]},' +
  'key(i){return Object.keys(this)[i]??null},get length(){return Object.keys(this).length}})})}</script>'

/** How far into a page its head may begin. */
const LONGEST_START = 64 * 1024
/** Without a `<` in it, so that however many begin, no more is looked at than there is. */
const HEAD = /<head(?:\s[^<>]*)?>/i

/** The page with the script as the first thing in its head; one without a head stays as it is. */
export function withStorage(page: Readable): Readable {
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
