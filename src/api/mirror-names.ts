/** A mirror with all of its upstream's projects: 700,000 names, written while they are read. */
import { Readable } from 'node:stream'
import type { NameList } from '#mirror/mirrors'

/** `frame` is the JSON of the answer with an empty list of projects, which is filled. */
export function mirrorNamesBody(frame: string, names: NameList): Readable {
  const empty = '"projects": []'
  const at = frame.lastIndexOf(empty) + empty.length - 1
  return Readable.from(fill(frame.slice(0, at), names, frame.slice(at)))
}

async function* fill(head: string, names: NameList, end: string): AsyncGenerator<string> {
  yield head
  let comma = ''
  for await (const batch of names.batches()) {
    if (batch.length === 0) continue
    yield comma + batch.map((name) => JSON.stringify(name)).join(',')
    comma = ','
  }
  yield end
}
