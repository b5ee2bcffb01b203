/** Where an upstream is, and who we are to it. Credentials leave this file only as a header. */
import { sha256 } from '#base/digest'
import type { MirrorEntry } from '#registry/indexes'

export interface UpstreamAddress {
  /** The `mirror_url` without credentials, with a slash at its end: it may be stored and shown. */
  readonly url: string
  /** The only origin that gets to see `authorization`, and the client certificate. */
  readonly origin: string
  readonly authorization?: string
  /** `listing`: one page with links to files of many projects, or to a folder for each. */
  readonly layout: 'simple' | 'listing'
  /** Of a devpi-server or a Wheelyard: only what the index has itself, without its bases. */
  readonly ownOnly?: boolean
  readonly connection?: ConnectionOptions
  /** Hosts inside that an upstream outside may lead to, each with or without a port. */
  readonly privateHosts?: readonly string[]
}

/** How an upstream is reached, where it is not reached like any other. All of PEM texts or addresses. */
export interface ConnectionOptions {
  readonly cert?: string | undefined
  readonly key?: string | undefined
  /** Trusted beside those that the machine trusts. */
  readonly ca?: string | undefined
  readonly proxy?: string | undefined
}

/** Where a mirror's upstream is, by its options. Undefined where it has no `mirror_url`. */
export function addressOf(mirror: MirrorEntry): UpstreamAddress | undefined {
  const { mirror_url: url, mirror_token: token } = mirror
  if (url === undefined) return undefined
  const layout = mirror.mirror_layout ?? 'simple'
  const address = parseAddress(url, layout)
  const connection = connectionOf(mirror)
  return {
    ...address,
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
    ...(connection && { connection }),
    ...(mirror.mirror_own_only && { ownOnly: true }),
    ...(mirror.mirror_private_hosts && { privateHosts: mirror.mirror_private_hosts }),
  }
}

/** Undefined where the upstream is reached like any other. */
export function connectionOf(mirror: MirrorEntry): ConnectionOptions | undefined {
  const connection: ConnectionOptions = {
    cert: mirror.mirror_client_cert,
    key: mirror.mirror_client_key,
    ca: mirror.mirror_ca,
    proxy: mirror.mirror_proxy,
  }
  const isUnusual = Object.values(connection).some((value) => value !== undefined)
  return isUnusual ? connection : undefined
}

/** Where an upstream is and how it is reached: what fails through a proxy says nothing of those who go without. */
export const wayTo = (origin: string, connection?: ConnectionOptions): string =>
  connection ? `${origin} ${sha256(JSON.stringify(connection)).slice(0, 16)}` : origin

/** The option's value has been checked when it was set. */
export function parseAddress(
  mirrorUrl: string,
  layout: UpstreamAddress['layout'] = 'simple',
): UpstreamAddress {
  const url = new URL(mirrorUrl)
  const { username, password, origin } = url
  const clean = stripUrl(url)
  // A listing may be a file of any name; a simple index is a folder.
  if (layout === 'simple') {
    clean.search = ''
    if (!clean.pathname.endsWith('/')) clean.pathname += '/'
  }

  const address = { url: clean.href, origin, layout }
  if (username === '' && password === '') return address
  const pair = `${decode(username)}:${decode(password)}`
  return { ...address, authorization: `Basic ${Buffer.from(pair).toString('base64')}` }
}

export function projectUrl(address: UpstreamAddress, project: string): string {
  return new URL(`${encodeURIComponent(project)}/`, address.url).href
}

/** The address of the index itself, whose simple page a devpi-server or a Wheelyard has below it. */
export const indexUrl = ({ url }: UpstreamAddress): string =>
  url.replace(/\+(?:simple|own|stages)\/$/, '')

/** What a list of names is of. */
export const namesBasis = ({ url, ownOnly }: UpstreamAddress): string =>
  ownOnly ? `${url} own` : url

/** Without credentials and fragment; undefined for what is not http or https. */
export function cleanUrl(text: string, base?: string): string | undefined {
  const url = URL.parse(text, base)
  return url && isHttp(url) ? stripUrl(url).href : undefined
}

/** For messages: without the query too, in which signed addresses carry their secret. */
export function shownUrl(text: string): string {
  const url = URL.parse(text)
  return url ? `${url.origin}${url.pathname}` : 'an address that is no URL'
}

function stripUrl(url: URL): URL {
  const clean = new URL(url)
  clean.username = ''
  clean.password = ''
  clean.hash = ''
  return clean
}

const isHttp = ({ protocol }: URL): boolean => protocol === 'http:' || protocol === 'https:'

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text // a bare percent sign
  }
}
