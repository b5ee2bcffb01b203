/** The values of index options: from what a client sends to their stored form, with devpi's rules and sentences. */
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { refuse } from '#base/refusal'
import { normalizeName } from '#python/name'
import { jsonProblem } from './json-value.ts'
import { pythonRepr, pythonText } from './python-text.ts'

/** The stored form of a value; refuses what it can't be, and names the option. */
export type ReadValue = (value: unknown, name: string) => unknown

/** Names and permissions. */
const MAX_LIST = 10_000
/** Each is asked for whenever a page is made. */
const MAX_BASES = 1000
const MAX_TEXT = 4096
/** Characters of its JSON. */
const MAX_JSON = 262_144

export function readAny(value: unknown, name: string): unknown {
  if (value === null) throw invalid(`'${name}' must not be null; remove it with '${name}-='.`)
  const problem = jsonProblem(value, MAX_JSON)
  if (problem !== undefined) throw invalid(`'${name}' must be ${problem}.`)
  return value
}

export function readBoolean(value: unknown, name: string): boolean {
  if (typeof value === 'boolean') return value
  const text = typeof value === 'string' ? value.toLowerCase() : ''
  if (text === 'true' || text === 'yes') return true
  if (text === 'false' || text === 'no') return false
  throw invalid(`Unknown boolean value ${pythonRepr(value)}. It was given for '${name}'.`)
}

export function readText(value: unknown, name: string): string {
  if (typeof value === 'string' && value.length <= MAX_TEXT && value.isWellFormed()) return value
  throw invalid(`'${name}' option must be a text of at most ${MAX_TEXT} characters`)
}

export function readSeconds(value: unknown, name: string): number {
  const seconds = typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value
  if (typeof seconds === 'number' && Number.isSafeInteger(seconds) && seconds >= 0) return seconds
  if (/^-\d+$/.test(String(value)))
    throw invalid(`'${name}' option must be 0 or more seconds, not ${pythonRepr(value)}`)
  throw invalid(`'${name}' option must be an integer`)
}

export function readUrl(value: unknown, name: string): string {
  const isUrl =
    typeof value === 'string' &&
    value.length <= MAX_TEXT &&
    /^https?:\/\/[^\s/\p{Cc}][^\s\p{Cc}]*$/u.test(value) &&
    URL.canParse(value)
  if (!isUrl) throw invalid(`'${name}' option must be a URL.`)
  if (new URL(value).username === HIDDEN) {
    throw invalid(`'${name}' option must be a URL. This one has its credentials blotted out.`)
  }
  return value
}

/** `socks5:` and the like are addresses too, but of no proxy that is spoken to here. */
export function readProxy(value: unknown, name: string): string {
  const isOther = typeof value === 'string' && /^(?!https?:)[a-z][a-z\d+.-]*:\/\//i.test(value)
  if (!isOther) return readUrl(value, name)
  throw invalid(
    `'${name}' option must be an http:// or https:// URL: other proxies are not supported`,
  )
}

/** Stands where a secret is, for eyes that must not see it. */
export const HIDDEN = '***'

/** For eyes that must not see them. What is left is refused when someone sends it back. */
export function withoutCredentials(url: string): string {
  const parsed = URL.parse(url)
  if (!parsed || (parsed.username === '' && parsed.password === '')) return url
  return url.replace(/^([a-z]+:\/\/)[^/?#]*@/i, `$1${HIDDEN}@`)
}

/** A list, or its members joined with commas. */
export function readList(value: unknown, name: string, limit = MAX_LIST): string[] {
  const list = typeof value === 'string' ? splitList(value) : value
  if (!Array.isArray(list)) {
    throw invalid(`Unknown list value ${pythonRepr(value)}. It was given for '${name}'.`)
  }
  if (list.length > limit) throw invalid(`'${name}' must have at most ${limit} members.`)
  for (const member of list) {
    const isText = typeof member === 'string' && member.length <= 1024 && member.isWellFormed()
    if (!isText) throw invalid(`Unknown list member ${pythonRepr(member)} in '${name}'.`)
  }
  return list
}

const splitList = (text: string): string[] =>
  text
    .split(',')
    .map((member) => member.trim())
    .filter((member) => member !== '')

/** Whether there are such indexes is asked later, in the transaction. */
export function readBases(value: unknown, name: string): string[] {
  return readList(value, name, MAX_BASES).map((base) =>
    base.replace(/^\/+/, '').replace(/\/+$/, ''),
  )
}

export function readPrincipals(value: unknown, name: string): string[] {
  return readList(value, name).map((principal) =>
    /^:(anonymous|authenticated):$/i.test(principal) ? principal.toUpperCase() : principal,
  )
}

export function readWhitelist(value: unknown, name: string): string[] {
  return readList(value, name).map((project) => (project === '*' ? '*' : normalizeName(project)))
}

export function readInheritance(value: unknown, name: string): string {
  const text = typeof value === 'string' ? value.toLowerCase() : value
  if (text === 'intersection' || text === 'union') return text
  throw invalid(
    `Unknown value '${pythonText(value)}' for ${name}, must be 'intersection' or 'union'.`,
  )
}

export function readLayout(value: unknown, name: string): string {
  const text = typeof value === 'string' ? value.toLowerCase() : value
  if (text === 'simple' || text === 'listing') return text
  throw invalid(
    `'${name}' option must be 'simple' or 'listing', not ${pythonRepr(value).slice(0, 100)}`,
  )
}

/** A secret that goes into a header. */
export function readToken(value: unknown, name: string): string {
  const isToken = typeof value === 'string' && /^[\x21-\x7e]{1,8192}$/.test(value)
  if (isToken && value !== HIDDEN) return value
  throw invalid(`'${name}' option must be a token of printable ASCII without spaces`)
}

/** Certificates, one after the other. */
export function readCertificates(value: unknown, name: string): string {
  const blocks = pemBlocks(value, name).filter(({ label }) => label === 'CERTIFICATE')
  if (blocks.length === 0)
    throw invalid(`'${name}' option must be certificates in PEM: there is none`)
  for (const [at, { text }] of blocks.entries()) {
    try {
      void new X509Certificate(text)
    } catch {
      throw invalid(`'${name}' option must be certificates in PEM: number ${at + 1} can't be read`)
    }
  }
  return value as string
}

export function readPrivateKey(value: unknown, name: string): string {
  pemBlocks(value, name)
  try {
    void createPrivateKey(value as string)
  } catch {
    throw invalid(`'${name}' option must be a private key in PEM without a passphrase`)
  }
  return value as string
}

/** Both have been read. The first certificate is the own one, those after it lead to an authority. */
export function assertKeyOfCertificate(key: string, certificates: string): void {
  if (new X509Certificate(certificates).checkPrivateKey(createPrivateKey(key))) return
  throw invalid(
    "'mirror_client_key' is not the key of the first certificate in 'mirror_client_cert'; set both at once",
  )
}

const MAX_HOSTS = 100

/** Hosts, each with or without a port, as addresses spell them. */
export function readHosts(value: unknown, name: string): string[] {
  return readList(value, name, MAX_HOSTS).map((host) => {
    const url = /^[^\s/?#@\\]+$/.test(host) ? URL.parse(`ftp://${host}`) : null
    if (url && url.pathname === '/' && url.hostname !== '') {
      return url.hostname + (/:\d+$/.exec(host)?.[0] ?? '')
    }
    throw invalid(`'${name}' must be hosts such as files.example or 10.1.2.3:8080`)
  })
}

const MAX_PEM = 262_144

function pemBlocks(value: unknown, name: string): { label: string; text: string }[] {
  if (typeof value !== 'string' || value.length > MAX_PEM || !value.isWellFormed()) {
    throw invalid(`'${name}' option must be a text in PEM of at most ${MAX_PEM} characters`)
  }
  const found = value.matchAll(/-----BEGIN ([A-Z ]+)-----[^-]*-----END \1-----/g)
  return [...found].map(([text, label = '']) => ({ label, text }))
}

export const invalid = (reason: string) => refuse('index-option-invalid', { reason })
