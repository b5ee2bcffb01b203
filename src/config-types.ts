/** The types a setting can have: from the text of a flag, variable or file to a value, and back. */
import { isIP } from 'node:net'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseDuration, parseSize, printDuration, printSize } from '#base/duration'

export interface SettingType<V> {
  /** What stands for the value in help texts; a switch has none. */
  readonly placeholder: string | undefined
  /** Completes the sentence "'abc' is not …". */
  readonly expected: string
  /** Undefined where the text makes no sense; throws with a better reason. Relative paths begin at `folder`. */
  parse(text: string, folder: string): V | undefined
  print(value: V): string
}

export const folder = pathType('DIR', 'a folder')
export const file = pathType('FILE', 'a file name')

function pathType(placeholder: string, expected: string): SettingType<string> {
  return {
    placeholder,
    expected,
    parse: (text, from) => {
      return text === '' || text.includes('\0') ? undefined : resolvePath(text, from)
    },
    print: String,
  }
}

/** A shell leaves the tilde alone in `--dir=~/data`, and a settings file knows no shell. */
export function resolvePath(text: string, from: string): string {
  return text.startsWith('~/') ? join(homedir(), text.slice(2)) : resolve(from, text)
}

/** A theme: by its name, or else its folder. */
export const theme: SettingType<{ readonly text: string; readonly folder: string }> = {
  placeholder: 'THEME',
  expected: 'the name of a theme or a folder',
  parse: (text, from) => {
    return text === '' || text.includes('\0')
      ? undefined
      : { text, folder: resolvePath(text, from) }
  },
  print: ({ text }) => text,
}

export const host: SettingType<string> = {
  placeholder: 'HOST',
  expected: 'a host name or address',
  parse: (text) => {
    const bare = /^\[(.*)\]$/.exec(text)?.[1] ?? text
    return isIP(bare) || /^[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?$/i.test(bare) ? bare : undefined
  },
  print: String,
}

export const port: SettingType<number> = {
  placeholder: 'PORT',
  expected: 'a port number (0 to 65535)',
  parse: (text) => (/^\d{1,5}$/.test(text) && Number(text) <= 65535 ? Number(text) : undefined),
  print: String,
}

export const toggle: SettingType<boolean> = {
  placeholder: undefined,
  expected: 'yes or no',
  parse: (text) => {
    if (/^(y|yes|t|true|on|1)$/i.test(text)) return true
    return /^(n|no|f|false|off|0)$/i.test(text) ? false : undefined
  },
  print: (value) => (value ? 'yes' : 'no'),
}

/** Timers of Node cannot be set further ahead than 24.8 days. */
const longestTimer = 24 * 86_400_000

/** How long to wait for something: above nothing, and not longer than a timer can. */
export const wait: SettingType<number> = {
  placeholder: 'TIME',
  expected: 'a time to wait, such as 5s or 2m (above 0, at most 24d)',
  parse: (text) => inRange(parseDuration(text), 1, longestTimer),
  print: printDuration,
}

/** A span of time that may be none. */
export const span: SettingType<number> = {
  placeholder: 'TIME',
  expected: 'a span of time, such as 90s, 30m or 10h',
  parse: (text) => parseDuration(text),
  print: printDuration,
}

export const size: SettingType<number> = {
  placeholder: 'SIZE',
  expected: 'a size, such as 64MB or 4GiB (above 0)',
  parse: (text) => inRange(parseSize(text), 1, Number.MAX_SAFE_INTEGER),
  print: printSize,
}

export const url: SettingType<string> = {
  placeholder: 'URL',
  expected: 'an address that begins with http:// or https://',
  parse: (text) => (parseWebUrl(text) ? text : undefined),
  print: withoutPassword,
}

/** An address others are built on: kept without the slash at its end. */
export const baseUrl: SettingType<string> = {
  placeholder: 'URL',
  expected: 'an address such as https://packages.example.org/path, without ? and # and password',
  parse: (text) => {
    const parsed = parseWebUrl(text)
    if (!parsed || /[?#]/.test(text) || parsed.username || parsed.password) return undefined
    return text.replace(/\/+$/, '')
  },
  print: String,
}

/** Names of users, and of groups with a colon in front. */
export const principals: SettingType<readonly string[]> = {
  placeholder: 'LIST',
  expected: 'a list such as root,ada,:team',
  parse: (text) => {
    const names = text.split(',').map((name) => name.trim())
    return names.every((name) => name !== '' && name !== ':') ? names : undefined
  },
  print: (names) => names.join(','),
}

/** `host` and `host:port`; nothing at all is an empty list. */
export const hostNames: SettingType<readonly string[]> = {
  placeholder: 'HOSTS',
  expected: 'hosts such as upload.example.org,10.0.0.5:8080, or none',
  parse: (text) => {
    if (text === 'none') return []
    const hosts = text.split(',').map((one) => one.trim().toLowerCase())
    const isHost = (one: string): boolean => {
      const [, name = ''] = /^([a-z0-9._-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?$/.exec(one) ?? []
      return URL.parse(`http://${name}/`)?.hostname === name
    }
    return hosts.every(isHost) ? hosts : undefined
  },
  print: (hosts) => (hosts.length === 0 ? 'none' : hosts.join(',')),
}

export function choice<const C extends string>(...choices: readonly C[]): SettingType<C> {
  return {
    placeholder: 'WORD',
    expected: `one of ${choices.join(', ')}`,
    parse: (text) => choices.find((one) => one === text.toLowerCase()),
    print: String,
  }
}

function inRange(value: number | undefined, least: number, most: number): number | undefined {
  return value !== undefined && value >= least && value <= most ? value : undefined
}

function parseWebUrl(text: string): URL | undefined {
  if (!/^https?:\/\/[^\s]+$/i.test(text)) return undefined
  return URL.parse(text) ?? undefined
}

/** For eyes other than the program's: an upstream's address may hold a password. */
function withoutPassword(text: string): string {
  const parsed = new URL(text)
  if (!parsed.password) return text
  parsed.password = '***'
  return parsed.href
}
