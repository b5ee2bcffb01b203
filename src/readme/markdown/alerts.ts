/** GitHub's alerts: a quotation that begins with `[!NOTE]` is an admonition. */
import type { MarkdownIt, StateCore, Token } from 'markdown-it'

export function addAlerts(markdown: MarkdownIt): void {
  markdown.core.ruler.after('inline', 'alerts', markAlerts)
}

function markAlerts(state: StateCore): void {
  const { tokens } = state
  const open: (boolean | undefined)[] = []
  tokens.forEach((token, at) => {
    if (token.type === 'blockquote_open') open.push(startAlert(state, at))
    if (token.type === 'blockquote_close' && open.pop()) token.tag = 'div'
  })
}

/** True if the quotation that opens there is an alert, which it then becomes. */
function startAlert({ tokens, Token }: StateCore, at: number): boolean {
  const inline = tokens[at + 2]
  if (tokens[at + 1]?.type !== 'paragraph_open' || !inline?.children) return false
  const name = readName(inline.children)
  if (name === undefined) return false

  tokens[at]!.tag = 'div'
  tokens[at]!.attrJoin('class', `admonition ${name}`)
  const title = new Token('html_inline', '', 0)
  const word = name[0]!.toUpperCase() + name.slice(1)
  title.content = `<strong class="admonition-title">${word}</strong><br>`
  inline.children.unshift(title)
  return true
}

/** Takes the mark and the line break behind it away. */
function readName(children: Token[]): string | undefined {
  const pattern = /^\[!(note|tip|important|warning|caution)\]\s*$/i
  const [first, second] = children
  const [, name] = (first?.type === 'text' && pattern.exec(first.content)) || []
  if (name === undefined || (second && !/break$/.test(second.type))) return undefined
  children.splice(0, second ? 2 : 1)
  return name.toLowerCase()
}
