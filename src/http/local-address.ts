/** Where a page says that one wants to go next: to be followed only within this server. */

/** The path, with its query and fragment, of an address that is on the host of `root`; undefined for any other. */
export function findLocalPath(text: string, root: string): string | undefined {
  // Browsers drop control characters, and take a backslash for a slash.
  if (text === '' || text.length > 4000 || /[\p{Cc}\\]/u.test(text)) return undefined
  if (!text.startsWith('/') && !/^https?:\/\//i.test(text)) return undefined
  const here = URL.parse(root)
  const there = URL.parse(text, root)
  if (!here || !there || there.host !== here.host || there.username !== '') return undefined
  const { pathname, search, hash } = there
  return pathname.startsWith('//') ? undefined : pathname + search + hash
}
