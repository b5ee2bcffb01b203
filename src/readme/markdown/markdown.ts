/** Markdown as GitHub reads it, or plain CommonMark. The HTML is not yet safe: `safe/sanitise` comes last. */
import MarkdownIt, { type MarkdownIt as Markdown } from 'markdown-it'
import { highlightCode } from '../highlight.ts'
import { addAlerts } from './alerts.ts'
import { addFootnotes } from './footnotes.ts'
import { addHeadingIds } from './headings.ts'
import { alignColumns } from './tables.ts'
import { addTasks } from './tasks.ts'

const options = {
  html: true,
  highlight: (code: string, info: string): string => highlightCode(code, languageOf(info)),
}

const github = makeGithub()
const commonMark = new MarkdownIt('commonmark', options).use(addHeadingIds)

function makeGithub(): Markdown {
  const markdown = new MarkdownIt({ ...options, linkify: true })
  // Without a scheme, `setup.py` would lead to Paraguay.
  markdown.linkify.set({ fuzzyLink: false })
  markdown.linkify.add('www.', { validate: measureHost, normalize: addScheme })
  const plugins = [addFootnotes, addTasks, addAlerts, addHeadingIds, alignColumns]
  for (const add of plugins) add(markdown)
  return markdown
}

export function renderMarkdown(text: string, isCommonMark: boolean): string {
  return (isCommonMark ? commonMark : github).render(text, {})
}

/** The first word after the fence, also as `{.python}` or `python,ignore`. */
function languageOf(info: string): string {
  return /^[{.\s]*([\w+#-]+)/.exec(info)?.[1]?.toLowerCase() ?? ''
}

/** How long the address is that goes on behind `www.`, by the rules for one with a scheme. */
function measureHost(text: string, at: number, linkify: Markdown['linkify']): number {
  const rest = text.slice(at, at + 2000)
  return Math.max(linkify.testSchemaAt(`http://www.${rest}`, 'http:', 5) - '//www.'.length, 0)
}

function addScheme(match: { url: string }): void {
  match.url = `https://${match.url}`
}
