/** Settings of where the server listens, and which proxies it believes. */
import { isIP } from 'node:net'
import { availableParallelism } from 'node:os'
import { printPlace, type ListenPlace } from '#base/listen-place'
import { proxyHeaders, type ProxyHeader, type TrustedProxy } from '#base/proxy-headers'
import type { Config } from './config.ts'
import { file, host, port, url, type SettingType } from './config-types.ts'

export const permissions: SettingType<number> = {
  placeholder: 'MODE',
  expected: 'permissions as chmod takes them, such as 600 or 660',
  parse: (text) => (/^0?o?[0-7]{3}$/.test(text) ? Number.parseInt(text.slice(-3), 8) : undefined),
  print: (mode) => mode.toString(8).padStart(3, '0'),
}

export const proxyAddress: SettingType<string> = {
  placeholder: 'ADDRESS',
  expected: 'an IP address, localhost for a Unix socket, or * for any',
  parse: (text) => (text === '*' || text === 'localhost' || isIP(text) ? text : undefined),
  print: String,
}

export const count: SettingType<number> = {
  placeholder: 'NUMBER',
  expected: 'a number of 1 or more',
  parse: (text) => (/^[1-9]\d{0,3}$/.test(text) ? Number(text) : undefined),
  print: String,
}

export const workerCount: SettingType<number> = {
  placeholder: 'NUMBER',
  expected: 'a number from 1 to 256, or auto',
  parse(text) {
    if (text === 'auto') return Math.min(availableParallelism(), MOST_WORKERS)
    const number = /^[1-9]\d{0,2}$/.test(text) ? Number(text) : Infinity
    return number <= MOST_WORKERS ? number : undefined
  },
  print: String,
}

const MOST_WORKERS = 256

export const proxyHeaderList: SettingType<readonly ProxyHeader[]> = {
  placeholder: 'NAMES',
  expected: `a list of ${proxyHeaders.slice(0, -1).join(', ')}; or ${proxyHeaders.at(-1)} alone`,
  parse(text) {
    const names = text
      .toLowerCase()
      .split(/[\s,]+/)
      .filter(Boolean)
    const known = names.flatMap((name) => proxyHeaders.find((header) => header === name) ?? [])
    const isMixed = names.includes('forwarded') && names.length > 1
    return names.length === 0 || known.length < names.length || isMixed ? undefined : known
  },
  print: (names) => names.join(' '),
}

export interface Address {
  readonly host: string
  readonly port: number
}

/** `host:port`, `[::1]:port`, and `*:port` for all addresses. */
export const addressList: SettingType<readonly Address[]> = {
  placeholder: 'ADDRESS',
  expected: 'HOST:PORT, *:PORT or [IPv6]:PORT',
  parse: (text, folder) => parseWords(text, (word) => parseAddress(word, folder)),
  print: (addresses) => addresses.map(printPlace).join(' '),
}

/** Files and folders of this machine, and addresses. */
export const placeList: SettingType<readonly string[]> = {
  placeholder: 'PLACE',
  expected: 'a folder, a file, or an address that begins with http:// or https://',
  parse: (text, folder) =>
    parseWords(text, (word) => (word.includes('://') ? url : file).parse(word, folder)),
  print: (places) =>
    places.map((place) => (/^https?:/i.test(place) ? url.print(place) : place)).join(' '),
}

/** Files of this machine. */
export const fileList: SettingType<readonly string[]> = {
  placeholder: 'FILE',
  expected: 'a file name',
  parse: (text, folder) => parseWords(text, (word) => file.parse(word, folder)),
  print: (files) => files.join(' '),
}

/** Undefined where there is no word, or one that makes no sense. */
function parseWords<T extends object | string>(
  text: string,
  parse: (word: string) => T | undefined,
): readonly T[] | undefined {
  const words = text.split(/\s+/).filter(Boolean)
  const values = words.map(parse).filter((value) => value !== undefined)
  return words.length === 0 || values.length < words.length ? undefined : values
}

function parseAddress(word: string, folder: string): Address | undefined {
  const [, before = '', behind = ''] = /^(.+):(\d+)$/.exec(word) ?? []
  const isBare = before.includes(':') && !before.startsWith('[')
  const address = before === '*' ? '*' : host.parse(before, folder)
  const number = port.parse(behind, folder)
  return address === undefined || number === undefined || isBare
    ? undefined
    : { host: address, port: number }
}

type Places = Pick<Config, 'host' | 'port' | 'listen' | 'unixSocket' | 'unixSocketPerms'>

const isUsual = (config: Address): boolean =>
  config.port === 3141 && (config.host === '127.0.0.1' || config.host === 'localhost')

/** As devpi has it: with a Unix socket nothing else, unless an address or port is set that is not the default. */
export function listenPlaces(config: Places): readonly ListenPlace[] {
  const { listen, unixSocket: path, unixSocketPerms: mode } = config
  const own = { host: config.host, port: config.port }
  const addresses = listen ?? (path !== undefined && isUsual(config) ? [] : [own])
  return [...addresses, ...(path === undefined ? [] : [{ path, mode }])]
}

/** What is wrong with settings that are right by themselves. */
export function findContradictions(
  config: Places & Partial<Pick<Config, 'primaryUrl' | 'secretFile' | 'blobs' | 'replicaFilter'>>,
): string[] {
  const mistakes: string[] = []
  if (config.listen && !isUsual(config)) {
    mistakes.push('--listen: takes the place of --host and --port; give only one of them')
  }
  if (config.primaryUrl !== undefined && config.secretFile === undefined) {
    mistakes.push('--primary-url: needs --secret-file, with the secret of the primary')
  }
  if (config.replicaFilter && (config.blobs ?? 'filtered') !== 'filtered') {
    mistakes.push(`--blobs: ${config.blobs} leaves nothing to --replica-filter; give only one`)
  }
  if (config.blobs === 'filtered' && !config.replicaFilter) {
    mistakes.push('--blobs: filtered needs --replica-filter')
  }
  return mistakes
}

/** Undefined where no proxy is trusted. Without a list of headers the scheme is believed, as waitress does. */
export function trustedProxy(
  config: Pick<Config, 'trustedProxy' | 'trustedProxyCount' | 'trustedProxyHeaders'>,
): TrustedProxy | undefined {
  const { trustedProxy: address, trustedProxyCount, trustedProxyHeaders } = config
  if (address === undefined) return undefined
  return { address, count: trustedProxyCount, headers: trustedProxyHeaders }
}
