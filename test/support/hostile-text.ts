/** What a stranger could write wherever a text is taken, so that it runs for those who read it. */
import { scriptAddresses, xssPayloads } from './xss.ts'

/** Out of the attribute, element or script that it was put into. */
const breakouts: readonly string[] = [
  '"><img src=x onerror=alert(1)>',
  "'><img src=x onerror=alert(1)>",
  '" autofocus tabindex=0 onfocus="alert(1)',
  "' autofocus tabindex=0 onfocus='alert(1)",
  '" onpointerover="alert(1)" onclick="alert(1)',
  ' onpointerover=alert(1) x=',
  '</title><script>alert(1)</script>',
  '</textarea><script>alert(1)</script>',
  '</style><script>alert(1)</script>',
  '</svg><script>alert(1)</script>',
  '</text><script xmlns="http://www.w3.org/1999/xhtml">alert(1)</script>',
  ']]><x:script xmlns:x="http://www.w3.org/1999/xhtml">alert(1)</x:script>',
  '<%= alert(1) %><%~ it.alert %>${alert(1)}{{alert(1)}}',
]

/** First those that leave an attribute: what follows stands then where elements may begin. */
export const hostileTexts: readonly string[] = [...breakouts, ...xssPayloads]

/** All of them in one text. */
export const hostileText: string = hostileTexts.join('\n').replaceAll('\0', '').toWellFormed()

/** The same without lines, for where these end something. */
export const hostileLine: string = hostileText.replace(/\s+/g, ' ')

/** Links that are scripts, or lead out of where they stand. */
export const hostileAddresses: readonly string[] = [
  ...scriptAddresses,
  ...scriptAddresses.map((address) => `https://a.example/"><a href='${address}'>a</a>`),
]

/** All of them in texts of at most so many characters once they are part of an address. */
export const hostileQueries: readonly string[] = inPortions(hostileTexts, 6000)

/** The same for the path of an address, which holds no line ends, and less. */
export const hostileNames: readonly string[] = inPortions(
  hostileTexts.map((text) => text.replace(/\p{Cc}/gu, '')),
  1500,
)

function inPortions(texts: readonly string[], longest: number): string[] {
  const portions: string[] = []
  let portion = ''
  for (const text of texts.map((one) => one.toWellFormed())) {
    if (encodeURIComponent(portion + text).length > longest) {
      portions.push(portion)
      portion = ''
    }
    portion += text
  }
  return [...portions, portion]
}
