/** The cookie that keeps a browser logged in: its name and place, how it is read, set and cleared (RFC 6265). */
import type { Call } from './route.ts'

/** Where the browser sees the server. */
type Place = Pick<Call, 'root' | 'prefix'>

/** What browsers keep of a cookie is 4,096 bytes, with its name. */
const LONGEST = 4000
const VALUE = /^[\w.~+/=-]+$/

/**
 * With `__Host-` browsers take it from this host alone, over TLS; it needs the whole host, so a server at a path of
 * one goes without.
 */
const nameAt = ({ root, prefix }: Place): string =>
  isSecure({ root }) && prefix === '' ? '__Host-wheelyard' : 'wheelyard'

const isSecure = ({ root }: Pick<Place, 'root'>): boolean => root.startsWith('https:')

/** The first of that name: browsers send the one with the longest path first. */
export function readSession(cookies: string, place: Place): string | undefined {
  const start = `${nameAt(place)}=`
  for (const pair of cookies.split(';')) {
    const text = pair.trim()
    if (!text.startsWith(start)) continue
    const value = text.slice(start.length)
    return isKept(value) && VALUE.test(value) ? value : undefined
  }
  return undefined
}

/** Whether a browser would keep it. */
export const isKept = (session: string): boolean => session.length <= LONGEST

/** A value of `Set-Cookie`. */
export function sessionCookie(session: string, lifetimeMs: number, place: Place): string {
  const seconds = Math.floor(lifetimeMs / 1000)
  const path = place.prefix === '' ? '/' : place.prefix
  const parts = [
    `${nameAt(place)}=${session}`,
    `Path=${path}`,
    `Max-Age=${seconds}`,
    'HttpOnly',
    'SameSite=Lax',
    ...(isSecure(place) ? ['Secure'] : []),
  ]
  return parts.join('; ')
}

export const endedSessionCookie = (place: Place): string => sessionCookie('', 0, place)
