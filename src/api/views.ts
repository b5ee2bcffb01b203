/** What an address stands for, where that is not in its path alone (devpi-http 1.4, 1.6). */
import { refuse } from '#base/refusal'
import { bestType, parseAccept } from '#http/accept'
import { jsonType } from '#http/reply'
import type { Call, get, Handle, Route } from '#http/route'

/** Only for names that a user, index or project could have: what has a `+` is an address of another kind. */
export function named(handle: Handle): Handle {
  return (call) => {
    const { user = 'none', index = 'none', project = 'none' } = call.params
    if (![user, index, project].every(isName)) throw notThere(call)
    return handle(call)
  }
}

/** With and without a slash at the end, which changes nothing. */
export function slashed(path: string, method: typeof get, handle: Handle): Route[] {
  return [path, `${path}/`].map((each) => method(each, named(handle)))
}

const isName = (segment: string): boolean => segment !== '' && !segment.includes('+')

/** Only for who takes JSON. For others there may be a page at the same address, or nothing. */
export function asJson(handle: Handle): Handle {
  return (call) => {
    if (!takesJson(call)) throw notThere(call)
    return handle(call)
  }
}

export function takesJson({ headers: { accept } }: Call): boolean {
  return takesAnything(accept) || bestType(accept, [jsonType]) !== undefined
}

/** Without the header, with an empty one, and with one that can't be read, everything is welcome. */
export function takesAnything(accept: string | undefined): boolean {
  const parsed = parseAccept(accept)
  return parsed === 'invalid' || parsed.length === 0
}

export const notThere = (call: Call) => refuse('not-found', { what: call.path })
