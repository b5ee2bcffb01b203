/** The addresses that a description may lead to or show. */

/** Prefix of every id, so that no element of a description is mistaken for one of the page. */
const ID_PREFIX = 'user-content-'
const LONGEST_ADDRESS = 4096
const LONGEST_ID = 200
const LARGEST_INLINE_IMAGE = 64 * 1024

/** An id of the description's own, or undefined if it is none. */
export function cleanId(id: string): string | undefined {
  const bare = id.startsWith(ID_PREFIX) ? id.slice(ID_PREFIX.length) : id
  if (bare === '' || bare.length > LONGEST_ID || /[\s\p{Cc}]/u.test(bare)) return undefined
  return ID_PREFIX + bare
}

/** Where a link leads: to http, https, mail, or an id of the same description. */
export function cleanLink(address: string): string | undefined {
  // The top of the page is nobody's id.
  if (address === '#top') return address
  if (address.startsWith('#')) {
    const id = cleanId(address.slice(1))
    return id && `#${id}`
  }
  return cleanAddress(address, ['http:', 'https:', 'mailto:'])
}

export function cleanImageAddress(address: string): string | undefined {
  return cleanAddress(address, ['http:', 'https:'])
}

/** A small raster image that stands in the text itself: nothing is loaded for it. */
export function isInlineImage(address: string): boolean {
  if (address.length > LARGEST_INLINE_IMAGE) return false
  return /^data:image\/(?:png|gif|jpeg|webp);base64,[a-z0-9+/]+={0,2}$/i.test(address)
}

/** As the browser would read it, so that what is checked is what is followed. */
function cleanAddress(address: string, protocols: readonly string[]): string | undefined {
  if (address.length > LONGEST_ADDRESS) return undefined
  const url = URL.parse(address.startsWith('//') ? `https:${address}` : address)
  if (!url || !protocols.includes(url.protocol)) return undefined
  // A name before the host is there to be mistaken for it.
  url.username = ''
  url.password = ''
  return url.href.replaceAll("'", '%27')
}
