/** reStructuredText as HTML, the way PyPI shows it. The HTML is escaped and well-formed, but not yet sanitised. */
import { attach } from './rst/attachments.ts'
import { makeParser, parseDocument } from './rst/body.ts'
import { addContents } from './rst/contents.ts'
import { liftDocinfo } from './rst/docinfo.ts'
import { numberFootnotes } from './rst/footnotes.ts'
import { printHtml } from './rst/html.ts'
import { splitLines } from './rst/lines.ts'
import { RstProblem } from './rst/problem.ts'
import { resolveReferences } from './rst/references.ts'
import { Registry } from './rst/registry.ts'
import { educateQuotes } from './rst/smart-quotes.ts'
import { substitute } from './rst/substitutions.ts'
import { checkTransitions } from './rst/transitions.ts'

export interface RenderedText {
  readonly html: string
  readonly warnings: readonly string[]
  /** The text has mistakes, or would cost too much: it is to be shown as it is. */
  readonly failed?: true
}

/** As docutils does for PyPI, the first warning fails the whole text. */
export function renderRst(text: string): RenderedText {
  try {
    const html = render(text)
    if (html.trim() !== '') return { html, warnings: [] }
    return { html: '', warnings: ['There is nothing to show.'], failed: true }
  } catch (error) {
    if (!(error instanceof RstProblem)) throw error
    return { html: '', warnings: [error.message], failed: true }
  }
}

function render(text: string): string {
  const registry = new Registry()
  const parser = makeParser(registry)
  parseDocument(parser, splitLines(text))
  substitute(registry)
  attach(registry.root)
  liftDocinfo(registry, parser)
  numberFootnotes(registry)
  resolveReferences(registry)
  addContents(registry)
  checkTransitions(registry.root)
  educateQuotes(registry.root)
  return printHtml(registry.root)
}
