/** The text of an HTML page: what a reader sees of its body, and its title. */
import { Parser } from 'htmlparser2'

export interface HtmlText {
  readonly title: string
  /** Undefined where there is no body. */
  readonly text: string | undefined
}

/** What is in them is no text of the page. */
const hidden = new Set(['script', 'style', 'template', 'noscript', 'svg'])
/** A word does not go on over their edge. */
const inline = new Set(
  'a abbr b bdi bdo cite code em font i kbd mark q s samp small span strong sub sup tt u var wbr'.split(
    ' ',
  ),
)

/** The parser's time grows with the square of the depth. What lies deeper is not read. */
const DEEPEST = 1000

class TooDeep extends Error {}

/** Takes any text; `most` characters of it are read. `isFragment`: all of it is body. */
export function readHtml(html: string, most: number, { isFragment = false } = {}): HtmlText {
  const body: string[] = []
  const title: string[] = []
  let isBody = isFragment
  let hasBody = isFragment
  let isTitle = false
  let hiddenIn: string | undefined
  let depth = 0
  const parser = new Parser({
    onopentagname(name) {
      if (++depth > DEEPEST) throw new TooDeep()
      if (name === 'body') isBody = hasBody = true
      if (name === 'title' && !isBody) isTitle = true
      if (hidden.has(name)) hiddenIn ??= name
      if (!inline.has(name)) body.push(' ')
    },
    ontext(text) {
      if (hiddenIn !== undefined) return
      if (isTitle) title.push(text)
      else if (isBody) body.push(text)
    },
    onclosetag(name) {
      depth--
      if (name === 'title') isTitle = false
      if (name === hiddenIn) hiddenIn = undefined
      if (name === 'body' && !isFragment) isBody = false
      if (!inline.has(name)) body.push(' ')
    },
  })
  try {
    parser.end(html.slice(0, most))
  } catch (error) {
    if (!(error instanceof TooDeep)) throw error
  }
  return { title: title.join(''), text: hasBody ? body.join('') : undefined }
}
