/** What could run, or load something, on a page in a browser that none of our own pages has. */
import type { Page } from 'playwright-core'

/** On the page that is open, as tags, shortened: whatever a stranger's text has become, be it never touched. */
export const findActive = (page: Page): Promise<string[]> =>
  page.evaluate(`(${FIND})(document).slice(0, 5)`)

/** On pages that are read like any other, and not shown; by path. Some page of the server must be open. */
export const findActiveOn = (
  page: Page,
  paths: readonly string[],
): Promise<Record<string, string[]>> =>
  page.evaluate(`(async () => {
    const find = ${FIND}
    const findings = {}
    for (const path of ${JSON.stringify(paths)}) {
      const response = await fetch(path, { headers: { accept: 'text/html' } })
      const found = find(new DOMParser().parseFromString(await response.text(), 'text/html'))
      if (found.length > 0) findings[path.slice(0, 200)] = found.slice(0, 5)
    }
    return findings
  })()`)

/**
 * Scripts and styles that are not our files, handlers, frames and what replaces the page's own addresses, and links
 * whose address is of no kind that one may follow. The one frame that is ours holds documentation.
 */
const FIND = `(page) => {
  const isOurs = (address) => URL.parse(address, location.href)?.pathname.startsWith('/+static-') ?? false
  const foreign =
    'iframe:not(#devpi-doc), frame, object, embed, applet, base, meta[http-equiv], style, [style], [srcdoc]'
  const addresses =
    ['href', 'xlink:href', 'src', 'srcset', 'action', 'formaction', 'data', 'poster', 'background', 'ping']
  const mayFollow = ['http:', 'https:', 'mailto:']

  const isActive = (element) => {
    const { localName, textContent } = element
    const at = (name) => element.getAttribute(name) ?? ''
    if (/(^|:)script$/.test(localName) && (textContent !== '' || !isOurs(at('src')))) return true
    if (localName === 'link' && !isOurs(at('href')) && at('rel') !== 'alternate') return true
    if (element.matches(foreign)) return true
    if (element.getAttributeNames().some((name) => /^on/i.test(name))) return true
    return addresses.some((name) => element.hasAttribute(name) && !isPlain(localName, name, at(name)))
  }
  const isPlain = (localName, name, address) => {
    if (localName === 'img' && /^data:image\\/(png|gif|jpeg|webp);base64,/.test(address)) return true
    const { protocol, host } = URL.parse(address, location.href) ?? {}
    if (localName === 'a' && name === 'href') return mayFollow.includes(protocol)
    return host === location.host
  }
  // Else the browser shows a text, in a page of its own.
  if (!/html|xml/.test(page.contentType)) return []
  return [...page.querySelectorAll('*')]
    .filter(isActive)
    .map((element) => element.cloneNode().outerHTML.slice(0, 300))
}`

/** Moves over, looks at and clicks whatever has a handler, or is a script to follow. */
export const touchActive = (page: Page): Promise<void> =>
  page.evaluate(`(() => {
    const isScript = (text) => /^\\W*j\\s*a\\s*v\\s*a/i.test(text ?? '')
    const kinds = ['pointerover', 'mouseover', 'mousemove', 'pointerdown', 'mousedown', 'focus', 'toggle']
    for (const element of document.querySelectorAll('*')) {
      const hasHandler = element.getAttributeNames().some((name) => /^on/i.test(name))
      const leads = ['href', 'xlink:href'].some((name) => isScript(element.getAttribute(name)))
      if (!hasHandler && !leads) continue
      for (const kind of kinds) element.dispatchEvent(new MouseEvent(kind, { bubbles: true }))
      element.click?.()
    }
  })()`)
