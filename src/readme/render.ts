/** One description to safe HTML. Runs in the worker, where a hostile text can only waste the worker's time. */
import { highlightBlocks } from './highlight.ts'
import { renderMarkdown } from './markdown/markdown.ts'
import { showPlain } from './plain.ts'
import type { RenderedReadme, Source } from './rendered.ts'
import { renderRst } from './rst.ts'
import { sanitise } from './safe/sanitise.ts'

export function renderSource(source: Source): RenderedReadme {
  const { text, type, images } = source
  if (type.kind === 'markdown') {
    return { html: sanitise(renderMarkdown(text, type.isCommonMark), images), kind: 'markdown' }
  }
  const { html, warnings, failed } = renderRst(text)
  if (failed) return showPlain(text, explain(source, warnings))
  return { html: sanitise(highlightBlocks(html), images), kind: 'rst' }
}

function explain({ type }: Source, [first]: readonly string[]): string {
  const start = type.isAssumed ? 'it has no content type, and' : 'it'
  const end = first === undefined ? '.' : `: ${first}`
  return `Shown as plain text: ${start} is not valid reStructuredText${end}`
}
