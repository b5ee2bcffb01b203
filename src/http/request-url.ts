/** The request target: what is routed, and what may be logged. */

/**
 * As the router should see it: without the outside URL's path, `%2B` as `+` (routes have it as a
 * literal), `%2F` as the separator that devpi takes it for, and slashes at the front as one.
 */
export function routedUrl(url: string, prefix: string): string {
  if (prefix === '' && url.indexOf('%2') < 0 && !url.startsWith('//')) return url
  const { path, rest } = splitUrl(url)
  const plain = path
    .replace(/%2b/gi, '+')
    .replace(/%2f/gi, '/')
    .replace(/^\/{2,}/, '/')
  return withoutPrefix(plain, prefix) + rest
}

/** Control characters, also encoded ones, belong in no name here. */
export function isBadUrl(url: string): boolean {
  return url.indexOf('%') >= 0 && /%(?:[01][0-9a-f]|7f)/i.test(splitUrl(url).path)
}

export function decodedPath(url: string): string {
  return findDecodedPath(url) ?? splitUrl(url).path // only for a path that the router refuses anyway
}

/** Undefined where what follows a `%` means nothing, or a control character. */
export function findDecodedPath(url: string): string | undefined {
  try {
    return isBadUrl(url) ? undefined : decodeURIComponent(splitUrl(url).path)
  } catch {
    return undefined
  }
}

export function queryOf(url: string): URLSearchParams {
  const at = url.indexOf('?')
  return new URLSearchParams(at < 0 ? '' : url.slice(at + 1))
}

/** Without query, authority and user info: none of them belongs in a log. */
export function loggedPath(url: string): string {
  const path = isPlainPath(url) ? url : splitUrl(url).path
  return path.length > 500 ? `${path.slice(0, 500)}…` : path
}

function isPlainPath(url: string): boolean {
  return url.charCodeAt(0) === 47 && url.indexOf('?') < 0 && url.indexOf('#') < 0
}

function splitUrl(url: string): { path: string; rest: string } {
  const mark = url.search(/[?#]/)
  const whole = mark < 0 ? url : url.slice(0, mark)
  const rest = mark < 0 ? '' : url.slice(mark)
  // a proxy may send the absolute form
  const path = whole.startsWith('/') ? whole : whole.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/]*/i, '')
  return { path: path === '' ? '/' : path, rest }
}

function withoutPrefix(path: string, prefix: string): string {
  if (prefix === '' || !path.startsWith(prefix)) return path
  if (path.length === prefix.length) return '/'
  return path[prefix.length] === '/' ? path.slice(prefix.length) : path
}
