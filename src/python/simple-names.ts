/** Lists of all names of an index: 700,000 of them, so read as streams, never whole. */
import { setImmediate } from 'node:timers/promises'
import { anchorParser, piecesOf, type AnchorListener } from './html-anchors.ts'
import { isValidName } from './name.ts'
import { NamesScanner } from './names-scanner.ts'
import { decodePart } from './page-field.ts'
import { assertKnownApiVersion, UnreadablePage } from './simple-page.ts'

export type TextChunks = AsyncIterable<string | Uint8Array>

/** Names as the list spells them, in its order; a batch for each piece read. What is no name is left out. */
export function parseNamesJson(chunks: TextChunks): AsyncIterable<string[]> {
  const scanner = new NamesScanner()
  return readNames(chunks, {
    write: (piece) => scanner.write(piece),
    end: () => scanner.end(),
  })
}

/** Elements, texts and attributes: some five for each name, and ten times as many names as the largest index has. */
const MOST_PARTS = 40_000_000

/** The anchors' texts; where one is no name, as in a folder listing, the last part of its address. */
export function parseNamesHtml(chunks: TextChunks): AsyncIterable<string[]> {
  let names: string[] = []
  let hasNames = false
  let hasControls = false
  const listener: AnchorListener = {
    onControl(control, { type }) {
      hasControls = true
      if (control === 'input' && type?.toLowerCase() === 'password') throw forPeople()
    },
    onMeta({ name, content }) {
      if (name === 'pypi:repository-version') assertKnownApiVersion(content)
    },
    onAnchorText({ href }, text) {
      const name = [text.replace(/\/$/, ''), lastPart(href ?? '')].find(isValidName)
      if (name === undefined) return
      hasNames = true
      names.push(name)
    },
  }
  const parser = anchorParser(listener, MOST_PARTS)
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
      if (!hasNames && hasControls) throw forPeople()
      return take()
    },
  })
}

const forPeople = (): UnreadablePage =>
  new UnreadablePage('it is a page for people, such as a login')

/** Upstreams send HTML when asked for JSON, and JSON under any type. */
export function sniffNames(
  firstBytes: string | Uint8Array,
  contentType: string | undefined,
): 'json' | 'html' {
  if (contentType?.toLowerCase().includes('json')) return 'json'
  const text = typeof firstBytes === 'string' ? firstBytes : new TextDecoder().decode(firstBytes)
  return text.trimStart().startsWith('{') ? 'json' : 'html'
}

interface NamesParser {
  write(piece: string): string[]
  end(): string[]
}

async function* readNames(chunks: TextChunks, parser: NamesParser): AsyncGenerator<string[]> {
  const decoder = new TextDecoder()
  for await (const chunk of chunks) {
    const text = typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true })
    for (const piece of piecesOf(text)) {
      const names = parser.write(piece)
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
