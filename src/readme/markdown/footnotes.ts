/** Footnotes in GitHub's form: `[^name]` in the text, `[^name]: …` for the note, all notes at the end. */
import type { MarkdownIt, StateBlock, StateCore, StateInline, Token } from 'markdown-it'

interface Footnotes {
  /** By name: the blocks of the note, and its number once the text has referred to it. */
  readonly notes: Map<string, Note>
  readonly used: Note[]
  isInside: boolean
}

interface Note {
  readonly tokens: Token[]
  number: number
}

const key = Symbol('footnotes')

export function addFootnotes(markdown: MarkdownIt): void {
  markdown.block.ruler.before('reference', 'footnote', readNote, {
    alt: ['paragraph', 'reference'],
  })
  markdown.inline.ruler.before('link', 'footnote_ref', readReference)
  markdown.core.ruler.after('inline', 'footnote_list', appendNotes)
}

function footnotesOf(env: StateBlock['env']): Footnotes {
  const made: Footnotes = { notes: new Map(), used: [], isInside: false }
  return (env[key] ??= made) as Footnotes
}

/** The note is its line and all that is indented below it. */
function readNote(state: StateBlock, start: number, end: number, silent: boolean): boolean {
  const line = state.src.slice(state.bMarks[start]! + state.tShift[start]!, state.eMarks[start])
  const [whole, name] = /^\[\^([^\]\s]{1,100})\]:[ \t]*/.exec(line) ?? []
  const footnotes = footnotesOf(state.env)
  if (whole === undefined || name === undefined || footnotes.isInside) return false
  if (silent) return true

  const last = lastLine(state, start + 1, end)
  const rest = state.getLines(start + 1, last, state.sCount[start]! + 4, false)
  const note: Note = { tokens: [], number: 0 }
  footnotes.isInside = true
  state.md.block.parse(`${line.slice(whole.length)}\n${rest}`, state.md, state.env, note.tokens)
  footnotes.isInside = false
  if (!footnotes.notes.has(name)) footnotes.notes.set(name, note)
  state.line = last
  return true
}

function lastLine(state: StateBlock, from: number, end: number): number {
  const indent = state.sCount[from - 1]!
  let last = from
  for (let line = from; line < end; line++) {
    if (state.isEmpty(line)) continue
    const isBelow = state.sCount[line]! >= indent + 4
    const continues = line === last && line === from && state.sCount[line]! > indent
    if (!isBelow && !continues) break
    last = line + 1
  }
  return last
}

function readReference(state: StateInline, silent: boolean): boolean {
  if (!state.src.startsWith('[^', state.pos)) return false
  const [whole, name] =
    /^\[\^([^\]\s]{1,100})\]/.exec(state.src.slice(state.pos, state.pos + 104)) ?? []
  const footnotes = footnotesOf(state.env)
  const note = name === undefined ? undefined : footnotes.notes.get(name)
  if (whole === undefined || !note) return false

  if (!silent) {
    const isFirst = note.number === 0
    if (isFirst) note.number = footnotes.used.push(note)
    const token = state.push('html_inline', '', 0)
    const id = isFirst ? ` id="fnref-${note.number}"` : ''
    const link = `<a href="#fn-${note.number}"${id}>${note.number}</a>`
    token.content = `<sup class="footnote-ref">${link}</sup>`
  }
  state.pos += whole.length
  return true
}

/** Notes may refer to further ones: the list grows while it is read. */
function appendNotes(state: StateCore): void {
  const { used } = footnotesOf(state.env)
  if (used.length === 0) return
  const add = (html: string): void => {
    const token = new state.Token('html_block', '', 0)
    token.content = html
    state.tokens.push(token)
  }
  add('<section class="footnotes">\n<hr>\n<ol>\n')
  for (const { tokens, number } of used) {
    for (const token of tokens) parseInline(state, token)
    const isText = tokens.at(-1)?.type === 'paragraph_close'
    add(`<li id="fn-${number}">`)
    state.tokens.push(...(isText ? tokens.slice(0, -1) : tokens))
    add(` <a href="#fnref-${number}" class="footnote-back" title="Back to the text">↩</a>`)
    if (isText) state.tokens.push(tokens.at(-1)!)
    add('</li>\n')
  }
  add('</ol>\n</section>\n')
}

function parseInline(state: StateCore, token: Token): void {
  if (token.type !== 'inline' || !token.children) return
  state.md.inline.parse(token.content, state.md, state.env, token.children)
}
