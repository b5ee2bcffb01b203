/** Pushing a release to another server, by what a `.pypirc` says of it (devpi-http 4.17). */
import { refuse } from '#base/refusal'
import { json } from '#http/reply'
import type { Answer, Call } from '#http/route'
import type { PushOrder, ReleaseCopy } from '#registry/push'
import type { JsonObject } from './body.ts'
import type { Parts } from './parts.ts'
import { listLeftOut } from './push-actions.ts'
import { isTrue } from './push-order.ts'
import { bringFiles } from './push-source.ts'

const invalid = (reason: string) => refuse('push-invalid', { reason })

/** Only for who is known here: it makes this server send something elsewhere. */
export async function pushExternally(
  parts: Parts,
  call: Call,
  { order, copy, body }: { order: PushOrder; copy: ReleaseCopy; body: JsonObject },
): Promise<Answer> {
  const to = readDestination(body)
  if (call.who.user === undefined) throw refuse('push-unauthenticated')
  assertOpen(to.url, parts.server.pushHosts)
  const ready = await bringFiles(parts, copy, { order, isStrict: false })
  const { name, version, source } = order
  const publication = { name, version, copy: ready, registers: isTrue(body.register_project) }
  const outcomes = await parts.publisher.publish(publication, to)
  const { origin } = new URL(to.url)
  const statuses = outcomes.map(([status]) => status)
  parts.log.info({ index: source, name, version, to: origin, statuses }, 'pushed to another server')
  const last = statuses.at(-1)
  const status = last === 200 || last === 201 ? 200 : 502
  return json(status, { result: [...outcomes, ...listLeftOut(copy.hidden)], type: 'actionlog' })
}

/** A host that is named without a port is open at all of them. */
function assertOpen(url: string, hosts: readonly string[] | undefined): void {
  const { host, hostname, port, protocol } = new URL(url)
  const exact = `${hostname}:${port || (protocol === 'https:' ? '443' : '80')}`
  if (hosts && !hosts.includes(hostname) && !hosts.includes(exact)) {
    throw refuse('push-host-closed', { host })
  }
}

/** The user may be empty, as may the password: a server may want neither. */
function readDestination(body: JsonObject) {
  const { posturl, username, password } = body
  if (typeof posturl !== 'string') throw invalid("'posturl' or 'targetindex' must be given")
  const url = URL.parse(posturl)
  if (!url || !['http:', 'https:'].includes(url.protocol)) {
    throw invalid("'posturl' must be an address that begins with http:// or https://")
  }
  if (typeof username !== 'string') throw invalid("'username' must be a text")
  if (typeof password !== 'string') throw invalid("'password' must be a text")
  return { url: `${url.origin}${url.pathname}${url.search}`, user: username, password }
}
