/** One description to safe HTML. Runs in the worker, where a hostile text can only waste the worker's time. */
import { renderMarkdown } from './markdown/markdown.ts'
import { showPlain } from './plain.ts'
import type { RenderedReadme, Source } from './rendered.ts'
import { sanitise } from './safe/sanitise.ts'

export function renderSource({ text, type, images }: Source): RenderedReadme {
  if (type.kind === 'markdown') {
    return { html: sanitise(renderMarkdown(text, type.isCommonMark), images), kind: 'markdown' }
  }
  return showPlain(text)
}
