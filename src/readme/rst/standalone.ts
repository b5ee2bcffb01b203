/** Addresses that stand in a text without any markup: URLs with a known scheme, and mail addresses. */
import { isWhitespace, mayFollow, mayPrecede, unescape } from './characters.ts'
import { makeElement, makeText, type Node } from './nodes.ts'

const schemes = new Set(
  (
    'about acap addbook afp afs aim callto castanet chttp cid crid data dav dict dns eid fax feed file finger freenet ' +
    'ftp go gopher gsm-sms h323 h324 hdl hnews http https hydra iioploc ilu im imap info ior ipp irc iris.beep iseek ' +
    'jar javascript jdbc ldap lifn livescript lrq mailbox mailserver mailto md5 mid mocha modem mtqp mupdate news nfs ' +
    'nntp opaquelocktoken phone pop pop3 pres printer prospero rdar res rtsp rvp rwhois rx sdp service shttp sip sips ' +
    'smb snews snmp soap.beep soap.beeps ssh t120 tag tcp tel telephone telnet tftp tip tn3270 tv urn uuid vemmi ' +
    'videotex view-source wais whodp whois++ x-man-page xmlrpc.beep xmlrpc.beeps z39.50r z39.50s'
  ).split(' '),
)

const schemeCharacter = /[a-zA-Z0-9.+-]/
const addressCharacter = /[-_.!~*'()[\];/:@&=+$,%a-zA-Z0-9\0]/
const lastCharacter = /[_~*/=+a-zA-Z0-9]/
const mailCharacter = /[-_!~*'{|}/#?^`&=+$%a-zA-Z0-9\0]/
const candidate = /[:@]/g

interface Address {
  readonly from: number
  readonly to: number
  readonly scheme?: string
}

/** The text with its addresses as links. */
export function linkAddresses(text: string): Node[] {
  const nodes: Node[] = []
  const scan = new AddressScan(text)
  let origin = 0
  for (let found = scan.next(origin); found; found = scan.next(origin)) {
    // docutils gives up on the whole text here, which keeps `std::string` and what follows as they are.
    if (found.scheme !== undefined && !schemes.has(found.scheme.toLowerCase())) break
    const address = text.slice(found.from, found.to)
    if (found.from > origin) nodes.push(makeText(text.slice(origin, found.from)))
    const uri = (found.scheme === undefined ? 'mailto:' : '') + unescape(address)
    nodes.push(makeElement('reference', [makeText(address)], { uri }))
    origin = found.to
  }
  if (origin < text.length) nodes.push(makeText(text.slice(origin)))
  return nodes
}

/** Remembers the run of characters it has looked through, so that none is looked through twice. */
class AddressScan {
  readonly #text: string
  #runEnd = -1
  #runLast = -1

  constructor(text: string) {
    this.#text = text
  }

  next(origin: number): Address | undefined {
    candidate.lastIndex = origin
    for (let at = this.#nextCandidate(); at >= 0; at = this.#nextCandidate()) {
      const found = this.#text[at] === ':' ? this.#url(at, origin) : this.#mail(at, origin)
      if (found) return found
      candidate.lastIndex = at + 1
    }
    return undefined
  }

  #nextCandidate(): number {
    return candidate.exec(this.#text)?.index ?? -1
  }

  #url(colon: number, origin: number): Address | undefined {
    let chain = colon
    while (chain > origin && schemeCharacter.test(this.#text[chain - 1] ?? '')) chain--
    const from = this.#firstStart(chain, colon, { origin, may: /[a-zA-Z]/ })
    if (from === undefined) return undefined
    const to = this.#urlEnd(colon + 1)
    if (to === undefined) return undefined
    return { from, to, scheme: this.#text.slice(from, colon) }
  }

  #firstStart(
    from: number,
    to: number,
    { origin, may }: { origin: number; may: RegExp },
  ): number | undefined {
    for (let at = from; at < to; at++) {
      if (!may.test(this.#text[at] ?? '')) continue
      if (at === origin || mayPrecede(this.#text[at - 1] ?? '')) return at
    }
    return undefined
  }

  /** The longest end at which an address may stop: a path, a query behind it, a fragment behind these. */
  #urlEnd(start: number): number | undefined {
    const path = this.#run(start, addressCharacter)
    let best = path.last > start ? path.last : undefined
    let end = path.end
    for (const mark of ['?', '#']) {
      if (this.#text[end] !== mark || !this.#mayEnd(end)) continue
      if (end === start) break
      const part = this.#runFresh(end + 1, addressCharacter)
      if (part.last > end + 1) best = part.last
      end = part.end
    }
    return best
  }

  #mayEnd(at: number): boolean {
    return lastCharacter.test(this.#text[at - 1] ?? '')
  }

  /** Where the run of characters from `start` ends, and the last place in it where an address may stop. */
  #run(start: number, may: RegExp): { end: number; last: number } {
    if (start > this.#runEnd) {
      const { end, last } = this.#runFresh(start, may)
      this.#runEnd = end
      this.#runLast = last
    }
    return { end: this.#runEnd, last: this.#runLast }
  }

  #runFresh(start: number, may: RegExp): { end: number; last: number } {
    let end = start
    while (end < this.#text.length && may.test(this.#text[end] ?? '')) end++
    let last = end
    while (last > start && !this.#isStop(last)) last--
    return { end, last }
  }

  #isStop(at: number): boolean {
    const next = this.#text[at]
    return (this.#mayEnd(at) || next === '>') && mayFollow(next)
  }

  #mail(sign: number, origin: number): Address | undefined {
    if (this.#text[sign - 1] === '\0') return undefined
    let chain = sign
    while (chain > origin && this.#isMailAt(chain - 1)) {
      if (this.#text[chain - 1] === '.' && (chain === sign || this.#text[chain] === '.')) break
      chain--
    }
    const from = this.#firstStart(chain, sign, { origin, may: mailCharacter })
    if (from === undefined || !mailCharacter.test(this.#text[sign + 1] ?? '')) return undefined
    const host = this.#runFresh(sign + 1, /[-_!~*'{|}/#?^`&=+$%a-zA-Z0-9\0.]/)
    return host.last > sign + 2 ? { from, to: host.last } : undefined
  }

  #isMailAt(at: number): boolean {
    const character = this.#text[at] ?? ''
    return character === '.' || (mailCharacter.test(character) && !isWhitespace(character))
  }
}
