/** Ids of headings as GitHub makes them, for links such as `#usage`. */
import type { MarkdownIt, StateCore, Token } from 'markdown-it'

export function addHeadingIds(markdown: MarkdownIt): void {
  markdown.core.ruler.push('heading_ids', setIds)
}

function setIds({ tokens }: StateCore): void {
  const used = new Map<string, number>()
  tokens.forEach((token, at) => {
    if (token.type !== 'heading_open') return
    const slug = slugOf(tokens[at + 1])
    const count = used.get(slug) ?? 0
    used.set(slug, count + 1)
    token.attrSet('id', count === 0 ? slug : `${slug}-${count}`)
  })
}

function slugOf(heading: Token | undefined): string {
  const text = (heading?.children ?? [])
    .filter(({ type }) => type === 'text' || type === 'code_inline' || type === 'text_special')
    .map(({ content }) => content)
    .join('')
  return text
    .trim()
    .toLowerCase()
    .slice(0, 150)
    .replace(/[^\p{L}\p{M}\p{N}\p{Pc} -]/gu, '')
    .replaceAll(' ', '-')
}
