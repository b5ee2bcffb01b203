/** Single values of an upstream's page, checked: what is not as the standards say counts as absent. */
import { normalizeName } from './name.ts'

/** Control characters, path separators, and the two names that are folders. */
const UNSAFE_FILENAME = /[\p{Cc}/\\]|^\.{0,2}$/u

export function isSafeFilename(filename: string): boolean {
  return filename.length <= 512 && !UNSAFE_FILENAME.test(filename)
}

export interface PageAddress {
  readonly url: string
  readonly filename: string
  /** The fragment, without its `#`. */
  readonly hash: string
}

/** The absolute address, without fragment, and its last part; undefined for what is not http. */
export function resolveFile(href: string, base: string): PageAddress | undefined {
  const url = URL.parse(href, base)
  if (!url || !isWeb(url)) return undefined
  const { href: whole, pathname } = url
  const filename = decodePart(pathname.slice(pathname.lastIndexOf('/') + 1))
  if (filename === undefined) return undefined
  const end = whole.indexOf('#')
  if (end === -1) return { url: whole, filename, hash: '' }
  return { url: whole.slice(0, end), filename, hash: whole.slice(end + 1) }
}

export function isWeb(url: URL): boolean {
  return url.protocol === 'https:' || url.protocol === 'http:'
}

export function decodePart(part: string): string | undefined {
  try {
    return decodeURIComponent(part)
  } catch {
    return undefined // a stray percent sign names no file
  }
}

/** The project that an address is the page of: its last folder. */
export function projectOfPage(pageUrl: string): string {
  const parts = new URL(pageUrl).pathname.split('/').filter((part) => part !== '')
  return normalizeName(decodePart(parts.at(-1) ?? '') ?? '')
}

/** Undefined for an algorithm or value that could not be one. */
export function readHash(
  algorithm: string,
  value: unknown,
): readonly [algorithm: string, hex: string] | undefined {
  if (typeof value !== 'string' || !/^[0-9a-f]+$/i.test(value) || !/^\w+$/.test(algorithm)) {
    return undefined
  }
  return [algorithm.toLowerCase(), value.toLowerCase()]
}

const UTC_TIME = /^(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d)(?:\.(\d{1,6})\d*)?(?:[Zz]|[+-]00:?00)?$/

/** In the form of PEP 700; what names another time zone is converted, what names none is UTC. */
export function readTime(text: string): string | undefined {
  const [, date, time, fraction] = UTC_TIME.exec(text) ?? []
  if (date !== undefined) {
    const whole = `${date}T${time}`
    return Number.isNaN(Date.parse(`${whole}Z`))
      ? undefined
      : `${whole}${fraction === undefined ? '' : `.${fraction}`}Z`
  }
  const instant = /[+-]\d\d:?\d\d$/.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(instant) ? undefined : new Date(instant).toISOString()
}

/** PEP 740: an absolute address of a secure origin, which the own machine is too. */
export function readProvenance(text: string): string | undefined {
  const url = URL.parse(text)
  if (!url) return undefined
  const isLoopback = /^(?:127\.\d+\.\d+\.\d+|localhost|\[::1\])$/.test(url.hostname)
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback) ? text : undefined
}

export function readSize(value: unknown): number | undefined {
  return Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) : undefined
}

/** NUL must never reach a page. */
export function cleanText(text: string): string {
  return text.includes('\0') ? text.replaceAll('\0', '') : text
}

export function withoutAbsent<T extends object>(value: { [K in keyof T]: T[K] | undefined }): T {
  const present: Partial<T> = {}
  for (const key of Object.keys(value) as (keyof T)[]) {
    if (value[key] !== undefined) present[key] = value[key]
  }
  return present as T
}
