/** What is sent to an index's address: a search, an upload, or else, if it is JSON, a push (devpi-http 4.16, 4.17). */
import type { Refusal, RefusalCode } from '#base/refusal'
import { post, push, type Answer, type Call, type Handle, type Route } from '#http/route'
import type { RouteOptions } from '#http/route'
import type { Parts } from './parts.ts'
import { uploads } from './upload.ts'
import { faultAnswer, isXml } from './xml-answer.ts'

export interface Submission extends RouteOptions {
  readonly isMeant: (call: Call) => boolean
  readonly handle: Handle
}

export function submitRoutes(parts: Parts): Route[] {
  const upload = uploads(parts)
  // Not every server is searched or pushed to: what that needs is loaded when it is.
  const pushRelease = loaded(async () => (await import('./push.ts')).pushHandle(parts))
  const search = loaded(async () => (await import('./xmlrpc.ts')).searchHandle(parts))
  const kinds: readonly Submission[] = [{ isMeant: isXml, handle: search }, upload]
  const kindOf = (call: Call) => kinds.find(({ isMeant }) => isMeant(call))
  return ['/:user/:index', '/:user/:index/'].flatMap((path) => [
    // A push may be sent by anybody: what it may do is found out with what it says.
    post(path, submit, {
      early: (call) => kindOf(call)?.early?.(call),
      isLocal: isXml,
      tellRefusal,
    }),
    push(path, pushRelease),
  ])

  async function submit(call: Call): Promise<Answer> {
    const kind = kindOf(call)
    if (kind) return kind.handle(call)
    if (await isJson(call)) return pushRelease(call)
    await upload.early?.(call)
    return upload.handle(call)
  }

  /** Scripts send JSON under any type: curl as an urlencoded form, unless it is told otherwise. */
  async function isJson(call: Call): Promise<boolean> {
    const { maxBodySize } = parts.server
    const type = call.headers['content-type'] ?? ''
    if (/^application\/(?:[\w.-]+\+)?json\b/i.test(type)) return true
    if (Number(call.headers['content-length'] ?? 0) > maxBodySize) return false
    const start = (await call.bytes(maxBodySize)).subarray(0, 100).toString()
    return /^\s*[{[]/.test(start)
  }
}

/** A search is answered as its protocol has it whatever is wrong; but who has no login is asked for one. */
function tellRefusal(call: Call, { code, message }: Refusal): Answer | undefined {
  return isXml(call) && faults.has(code) ? faultAnswer(message) : undefined
}

/** What may be wrong with an index before a search begins. */
const faults: ReadonlySet<RefusalCode> = new Set(['index-missing', 'index-base-hidden'])

/** Loads on first use. */
function loaded(load: () => Promise<Handle>): Handle {
  let loading: Promise<Handle> | undefined
  return async (call) => (await (loading ??= load()))(call)
}
