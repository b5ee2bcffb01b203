/** An upstream's list of names, read as it comes: HTML or JSON, whatever it says that it is. */
import { readPieces } from '#python/json-pieces'
import { UnreadablePage } from '#python/simple-page'
import { inTurns, type Steps } from '#python/steps'
import { contentType, readBody, readText } from './upstream-body.ts'
import type { UpstreamAnswer } from './upstream.ts'

/** Six times what the largest index has. */
const LARGEST_LIST = 256 * 1024 * 1024

/** Throws `UnreadablePage` where it is none. */
export async function* readNames(answer: UpstreamAnswer): AsyncGenerator<string[]> {
  const body = readBody(answer, LARGEST_LIST)
  const first = await body.next()
  if (first.done) throw new UnreadablePage('it is empty')
  const type = contentType(answer)
  if (!/^(?:$|text\/|[^;]*(?:html|json))/i.test(type)) {
    throw new UnreadablePage(`it is of type ${type.slice(0, 60)}`)
  }
  const chunks = startingWith(first.value, body)
  const { parseNamesHtml, parseNamesJson, sniffNames } = await import('#python/simple-names')
  yield* sniffNames(first.value, type) === 'json' ? parseNamesJson(chunks) : parseNamesHtml(chunks)
}

async function* startingWith(first: Buffer, rest: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  yield first
  yield* rest
}

const LARGEST_OWN = 48 * 1024 * 1024
/** Names that are handed on at a time. */
const BATCH = 1000

/** The projects that a devpi-server's or a Wheelyard's index has itself, from what it tells of itself. */
export async function* readOwnNames(answer: UpstreamAnswer): AsyncGenerator<string[]> {
  const names = await inTurns(parseOwnNames(await readText(answer, LARGEST_OWN)))
  for (let start = 0; start < names.length; start += BATCH) yield names.slice(start, start + BATCH)
}

function* parseOwnNames(text: string): Steps<string[]> {
  let names: string[] | undefined
  const path = 'result.projects'
  yield* readPieces(text, {
    objects: ['result'],
    lists: [path],
    onList: () => (names = []),
    onElement: (_, name) => void (typeof name === 'string' && names?.push(name)),
  })
  if (!names) throw new UnreadablePage('it tells no projects of its own')
  return names
}
