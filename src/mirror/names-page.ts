/** An upstream's list of names, read as it comes: HTML or JSON, whatever it says that it is. */
import { UnreadablePage } from '#python/simple-page'
import { contentType, readBody } from './upstream-body.ts'
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
