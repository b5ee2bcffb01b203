/** Settings of where the server listens, and which proxies it believes. */
import { isIP } from 'node:net'
import type { ListenPlace } from '#base/listen-place'
import { proxyHeaders, type ProxyHeader, type TrustedProxy } from '#base/proxy-headers'
import type { Config } from './config.ts'
import type { SettingType } from './config-types.ts'

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

type Places = Pick<Config, 'host' | 'port' | 'unixSocket' | 'unixSocketPerms'>

/** As devpi has it: with a Unix socket nothing else, unless an address or port is set that is not the default. */
export function listenPlaces(config: Places): readonly ListenPlace[] {
  const { host, port, unixSocket: path, unixSocketPerms: mode } = config
  const isDefault = port === 3141 && (host === '127.0.0.1' || host === 'localhost')
  return [
    ...(path !== undefined && isDefault ? [] : [{ host, port }]),
    ...(path === undefined ? [] : [{ path, mode }]),
  ]
}

/** Undefined where no proxy is trusted. Without a list of headers the scheme is believed, as waitress does. */
export function trustedProxy(
  config: Pick<Config, 'trustedProxy' | 'trustedProxyCount' | 'trustedProxyHeaders'>,
): TrustedProxy | undefined {
  const { trustedProxy: address, trustedProxyCount, trustedProxyHeaders } = config
  if (address === undefined) return undefined
  return { address, count: trustedProxyCount, headers: trustedProxyHeaders }
}
