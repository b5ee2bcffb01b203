/** Indexes as JSON (devpi-http 4.7, 4.8). */
import { Readable } from 'node:stream'
import { refuse } from '#base/refusal'
import { json, jsonType } from '#http/reply'
import { del, get, patch, put, type Answer, type Call, type Route } from '#http/route'
import { assertMayChangeIndex, assertMayCreateIndex } from '#registry/access'
import {
  changeIndex,
  createIndex,
  findIndex,
  getIndex,
  indexName,
  removeIndex,
  type IndexEntry,
} from '#registry/indexes'
import { keys } from '#registry/keys'
import type { OptionBody } from '#registry/index-options'
import { bodyObject } from './body.ts'
import type { Parts } from './parts.ts'
import { actorOf } from './users.ts'

export function indexRoutes({ ledger, mirrors }: Parts): Route[] {
  return ['/:user/:index', '/:user/:index/'].flatMap((path) => [
    get(path, showIndex),
    put(path, putIndex),
    patch(path, patchIndex),
    del(path, deleteIndex),
  ])

  async function showIndex(call: Call): Promise<Answer> {
    const name = nameOf(call)
    const entry = await ledger.read((tx) => getIndex(tx, name))
    if (call.query.has('no_projects')) return json(200, { result: entry, type: 'indexconfig' })
    if (entry.type === 'mirror') return showMirror(name, entry)
    const projects = await ledger.read((tx) => tx.listNames(keys.projects(name)))
    return json(200, { result: { ...entry, projects }, type: 'indexconfig' })
  }

  /** A mirror's projects are all that upstream has: written out as they are read. */
  async function showMirror(name: string, entry: IndexEntry): Promise<Answer> {
    const names = await mirrors.names(name)
    async function* write(): AsyncGenerator<string> {
      yield `{"result": ${JSON.stringify(entry).slice(0, -1)},"projects": [`
      let comma = ''
      for await (const batch of names.batches()) {
        if (batch.length === 0) continue
        yield comma + batch.map((project) => JSON.stringify(project)).join(',')
        comma = ','
      }
      yield ']}, "type": "indexconfig"}\n'
    }
    return { status: 200, headers: { 'Content-Type': jsonType }, body: Readable.from(write()) }
  }

  async function putIndex(call: Call): Promise<Answer> {
    const { user = '', index = '' } = call.params
    const name = nameOf(call)
    const body = await bodyObject(call)
    const result = await ledger.write(actorOf(call), async (tx) => {
      if (!(await tx.get(keys.user(user)))) throw refuse('user-missing', { user })
      if (await findIndex(tx, name)) throw refuse('index-exists', { index: name })
      assertMayCreateIndex(name, call.who)
      return createIndex(tx, user, index, body)
    })
    return json(200, { result, type: 'indexconfig' })
  }

  async function patchIndex(call: Call): Promise<Answer> {
    const name = nameOf(call)
    const change = unwrap(await call.json())
    const options = { refuseNoop: call.query.has('error_on_noop') }
    const result = await ledger.write(actorOf(call), async (tx) => {
      if (!(await findIndex(tx, name)))
        throw refuse('forbidden', { action: `modify index ${name}` })
      assertMayChangeIndex(name, call.who, 'modify')
      return changeIndex(tx, name, change, options)
    })
    mirrors.forget(name)
    return json(200, { result, type: 'indexconfig' })
  }

  async function deleteIndex(call: Call): Promise<Answer> {
    const name = nameOf(call)
    await ledger.write(actorOf(call), async (tx) => {
      if (!(await findIndex(tx, name)))
        throw refuse('forbidden', { action: `delete index ${name}` })
      assertMayChangeIndex(name, call.who, 'delete')
      await removeIndex(tx, name)
    })
    mirrors.forget(name)
    return json(201, { message: `index ${name} deleted` })
  }
}

const nameOf = ({ params: { user = '', index = '' } }: Call) => indexName(user, index)

/** A list of edits, or an object; a whole answer that is sent back counts as its `result`. */
function unwrap(body: unknown): OptionBody | readonly string[] {
  if (Array.isArray(body)) return body as readonly string[]
  if (typeof body !== 'object' || body === null) throw refuse('body-not-object')
  const { type, result } = body as Record<string, unknown>
  const isAnswer = type === 'indexconfig' && typeof result === 'object' && result !== null
  return (isAnswer ? result : body) as OptionBody
}
