/** Task lists: `- [x]` shows a ticked box. Characters, not form fields, since nobody can tick them. */
import type { MarkdownIt, StateCore, Token } from 'markdown-it'

export function addTasks(markdown: MarkdownIt): void {
  markdown.core.ruler.after('inline', 'tasks', markTasks)
}

function markTasks(state: StateCore): void {
  const { tokens } = state
  for (let at = 2; at < tokens.length; at++) {
    const inline = tokens[at]!
    if (inline.type !== 'inline' || tokens[at - 2]!.type !== 'list_item_open') continue
    const first = inline.children?.[0]
    const [whole, mark] = /^\[([ xX])\](?=\s)/.exec(first?.content ?? '') ?? []
    if (first?.type !== 'text' || !whole) continue
    first.content = first.content.slice(whole.length)
    inline.children!.unshift(makeBox(state, mark !== ' '))
    tokens[at - 2]!.attrJoin('class', 'task-item')
  }
}

function makeBox({ Token }: StateCore, isDone: boolean): Token {
  const box = new Token('html_inline', '', 0)
  box.content = isDone
    ? '<span class="task task-done" title="done">☑</span>'
    : '<span class="task" title="to do">☐</span>'
  return box
}
