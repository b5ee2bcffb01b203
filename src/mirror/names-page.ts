/** An upstream's list of names, read as it comes: HTML or JSON, whatever it says that it is. */
import { UnreadablePage } from '#python/simple-page'
import { contentType, readBody, readText } from './upstream-body.ts'
import type { UpstreamAnswer } from './upstream.ts'

const LARGEST_LIST = 1024 * 1024 * 1024

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

const LARGEST_OWN = 128 * 1024 * 1024

/** The projects that a devpi-server's or a Wheelyard's index has itself, from what it tells of itself. */
export async function* readOwnNames(answer: UpstreamAnswer): AsyncGenerator<string[]> {
  const text = await readText(answer, LARGEST_OWN)
  yield parseOwnNames(text)
}

function parseOwnNames(text: string): string[] {
  let body: unknown
  try {
    body = JSON.parse(text)
  } catch {
    throw new UnreadablePage('it is no JSON, so no index of a devpi-server')
  }
  const projects = (body as { result?: { projects?: unknown } } | null)?.result?.projects
  if (!Array.isArray(projects)) throw new UnreadablePage('it tells no projects of its own')
  return projects.filter((name) => typeof name === 'string')
}
