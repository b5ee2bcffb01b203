/** Indexes as JSON (devpi-http 4.7, 4.8). */
import type { Identity } from '#base/identity'
import { refuse } from '#base/refusal'
import { json, jsonType, printJson } from '#http/reply'
import { del, get, patch, put, type Answer, type Call, type Route } from '#http/route'
import { getIndex, indexName, viewIndex, type IndexName } from '#registry/indexes'
import { keys } from '#registry/keys'
import { bodyObject, isObject, type JsonObject } from './body.ts'
import { assertMayChange, assertMayMake, indexOperations, type Asker } from './index-operations.ts'
import { jsonKeeper, nameOfAsker } from './kept-json.ts'
import { mirrorNamesBody } from './mirror-names.ts'
import type { Parts } from './parts.ts'
import { indexOf } from './projects.ts'
import { named } from './views.ts'

export interface IndexViews {
  /** Answers instead where not the index's options are asked for but its projects, as an installer does. */
  readonly asProjects: (call: Call) => Answer | Promise<Answer> | undefined
}

export function indexRoutes(parts: Parts, { asProjects }: IndexViews): Route[] {
  const { ledger, mirrors } = parts
  const operations = indexOperations(parts)
  const kept = jsonKeeper(parts)
  return ['/:user/:index', '/:user/:index/'].flatMap((path) => [
    get(
      path,
      named((call) => asProjects(call) ?? showIndex(call)),
    ),
    put(path, named(putIndex)),
    patch(path, named(patchIndex)),
    del(path, named(deleteIndex)),
  ])

  async function showIndex(call: Call): Promise<Answer> {
    const name = indexOf(call)
    const { who } = call
    const isBrief = call.query.has('no_projects')
    const page = `json index ${name} ${isBrief} ${nameOfAsker(who)}`
    const found = await kept.find(page)
    if (found) return found
    const isMirror = !isBrief && (await ledger.read((tx) => getIndex(tx, name))).type === 'mirror'
    if (isMirror) return showMirror(name, who)
    return kept.send(page, async (tx) => {
      const options = viewIndex({ name, entry: await getIndex(tx, name) }, who)
      const projects = isBrief ? undefined : await tx.listNames(keys.projects(name))
      return { result: { ...options, projects }, type: 'indexconfig' }
    })
  }

  /** A mirror's projects are all that upstream has. */
  async function showMirror(name: IndexName, who: Identity): Promise<Answer> {
    const entry = await ledger.read(async (tx) =>
      viewIndex({ name, entry: await getIndex(tx, name) }, who),
    )
    const names = await mirrors.names(name)
    const frame = printJson({ result: { ...entry, projects: [] }, type: 'indexconfig' })
    const headers = { 'Content-Type': jsonType }
    return { status: 200, headers, body: mirrorNamesBody(frame, names) }
  }

  async function askerOf({ who }: Call): Promise<Asker> {
    return { who, mayRead: await parts.reading.seenBy(who) }
  }

  async function putIndex(call: Call): Promise<Answer> {
    const { user = '', index = '' } = call.params
    // before the body, as devpi has it
    const asker = await askerOf(call)
    await ledger.read((tx) => assertMayMake(tx, asker, indexName(user, index)))
    const body = await bodyObject(call)
    const result = await operations.create(call.who, { user, index, body })
    return json(200, { result, type: 'indexconfig' })
  }

  async function patchIndex(call: Call): Promise<Answer> {
    const name = indexOf(call)
    const asker = await askerOf(call)
    await ledger.read((tx) => assertMayChange(tx, asker, name, 'modify'))
    const change = unwrap(await call.json())
    const refuseNoop = call.query.has('error_on_noop')
    const result = await operations.change(call.who, name, change, { refuseNoop })
    return json(200, { result, type: 'indexconfig' })
  }

  async function deleteIndex(call: Call): Promise<Answer> {
    const name = indexOf(call)
    await operations.remove(call.who, name)
    return json(201, { message: `index ${name} deleted` })
  }
}

/** A list of edits, or an object; a whole answer that is sent back counts as its `result`. */
function unwrap(body: unknown): JsonObject | readonly unknown[] {
  if (Array.isArray(body)) return body
  if (!isObject(body)) throw refuse('body-not-object')
  const { type, result } = body
  return type === 'indexconfig' && isObject(result) ? result : body
}
