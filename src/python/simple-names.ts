/** Lists of all names of an index: 700,000 of them, so in and out as streams, never whole. */
import { setImmediate } from 'node:timers/promises'
import { anchorParser, escapeHtml } from './html-text.ts'
import { isValidName } from './name.ts'
import { NamesScanner } from './names-scanner.ts'
import { decodePart } from './page-field.ts'
import { API_VERSION, assertKnownApiVersion } from './simple-page.ts'

export type TextChunks = AsyncIterable<string | Uint8Array>

/** Names as the list spells them, in its order; a batch for each piece read. What is no name is left out. */
export function parseNamesJson(chunks: TextChunks): AsyncIterable<string[]> {
  const scanner = new NamesScanner()
  return readNames(chunks, {
    write: (piece) => scanner.write(piece),
    end: () => scanner.end(),
  })
}

/** The anchors' texts; where one is no name, as in a folder listing, the last part of its address. */
export function parseNamesHtml(chunks: TextChunks): AsyncIterable<string[]> {
  let names: string[] = []
  const parser = anchorParser({
    onMeta({ name, content }) {
      if (name === 'pypi:repository-version') assertKnownApiVersion(content)
    },
    onAnchorText({ href }, text) {
      const name = [text.replace(/\/$/, ''), lastPart(href ?? '')].find(isValidName)
      if (name !== undefined) names.push(name)
    },
  })
  const take = (): string[] => {
    const taken = names
    names = []
    return taken
  }
  return readNames(chunks, {
    write(piece) {
      parser.write(piece)
      return take()
    },
    end() {
      parser.end()
      return take()
    },
  })
}

/** Upstreams send HTML when asked for JSON, and JSON under any type. */
export function sniffNames(
  firstBytes: string | Uint8Array,
  contentType: string | undefined,
): 'json' | 'html' {
  if (contentType?.toLowerCase().includes('json')) return 'json'
  const text = typeof firstBytes === 'string' ? firstBytes : new TextDecoder().decode(firstBytes)
  return text.trimStart().startsWith('{') ? 'json' : 'html'
}

export function* printNamesJson(names: Iterable<string>): Generator<string> {
  let separator = ''
  yield `{"meta":{"api-version":"${API_VERSION}"},"projects":[`
  yield* inPieces(names, (name) => {
    const entry = `${separator}{"name":${JSON.stringify(name)}}`
    separator = ','
    return entry
  })
  yield ']}'
}

/** The names must be normal: they are the addresses too, as some clients read the one and some the other. */
export function* printNamesHtml(
  names: Iterable<string>,
  { title = 'Simple index' }: { readonly title?: string } = {},
): Generator<string> {
  yield `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="pypi:repository-version" content="${API_VERSION}">
<title>${escapeHtml(title)}</title>
</head>
<body>
<h1>${escapeHtml(title)}</h1>
`
  yield* inPieces(names, (name) => {
    const text = escapeHtml(name)
    return `<a href="${text}/">${text}</a><br>\n`
  })
  yield '</body>\n</html>\n'
}

const PIECE = 64 * 1024

function* inPieces(names: Iterable<string>, print: (name: string) => string): Generator<string> {
  let piece = ''
  for (const name of names) {
    piece += print(name)
    if (piece.length < PIECE) continue
    yield piece
    piece = ''
  }
  if (piece !== '') yield piece
}

interface NamesParser {
  write(piece: string): string[]
  end(): string[]
}

async function* readNames(chunks: TextChunks, parser: NamesParser): AsyncGenerator<string[]> {
  const decoder = new TextDecoder()
  for await (const chunk of chunks) {
    const text = typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true })
    for (let start = 0; start < text.length; start += PIECE) {
      const names = parser.write(text.slice(start, start + PIECE))
      if (names.length > 0) yield names
      await setImmediate() // a source that is always ready must not keep others from their turn
    }
  }
  const names = [...parser.write(decoder.decode()), ...parser.end()]
  if (names.length > 0) yield names
}

function lastPart(href: string): string {
  const path = href.replace(/[?#].*$/, '').replace(/\/+$/, '')
  return decodePart(path.slice(path.lastIndexOf('/') + 1)) ?? ''
}
