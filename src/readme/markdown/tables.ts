/** Alignment of columns as the attribute `align`, since styles are not allowed in a description. */
import type { MarkdownIt, StateCore } from 'markdown-it'

export function alignColumns(markdown: MarkdownIt): void {
  markdown.core.ruler.push('table_alignment', setAlignment)
}

function setAlignment({ tokens }: StateCore): void {
  for (const token of tokens) {
    if (token.type !== 'td_open' && token.type !== 'th_open') continue
    const [, side] = /^text-align:(\w+)$/.exec(String(token.attrGet('style'))) ?? []
    if (side) token.attrs = [['align', side]]
  }
}
