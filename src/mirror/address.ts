/** Where an upstream is, and who we are to it. Credentials leave this file only as a header. */

export interface UpstreamAddress {
  /** The `mirror_url` without credentials, with a slash at its end: it may be stored and shown. */
  readonly url: string
  /** The only origin that gets to see `authorization`. */
  readonly origin: string
  readonly authorization?: string
}

/** The option's value has been checked when it was set. */
export function parseAddress(mirrorUrl: string): UpstreamAddress {
  const url = new URL(mirrorUrl)
  const { username, password, origin } = url
  const clean = stripUrl(url)
  clean.search = ''
  if (!clean.pathname.endsWith('/')) clean.pathname += '/'

  const address = { url: clean.href, origin }
  if (username === '' && password === '') return address
  const pair = `${decode(username)}:${decode(password)}`
  return { ...address, authorization: `Basic ${Buffer.from(pair).toString('base64')}` }
}

export function projectUrl(address: UpstreamAddress, project: string): string {
  return new URL(`${encodeURIComponent(project)}/`, address.url).href
}

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
