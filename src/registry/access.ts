/** Who may do what. A principal is a user, `:group`, `:AUTHENTICATED:` or `:ANONYMOUS:` (everyone). */
import type { Identity } from '#base/identity'
import { refuse } from '#base/refusal'
import type { IndexName, NamedIndex, StageEntry } from './indexes.ts'

/** The administrator: an ordinary user with some grants, not a bypass (root uploads only where it is listed). */
const ADMIN = 'root'

const isAdmin = (who: Identity): boolean => who.user === ADMIN

/** Whether one of the principals of a list is who is asking. */
export function isListed(principals: readonly string[], who: Identity): boolean {
  return principals.some((principal) => {
    if (principal === ':ANONYMOUS:') return true
    if (who.user === undefined) return false
    if (principal === ':AUTHENTICATED:' || principal === who.user) return true
    return principal.startsWith(':') && who.groups.includes(principal.slice(1))
  })
}

export const mayUpload = (stage: StageEntry, who: Identity): boolean =>
  isListed(stage.acl_upload, who)

/** Refuses an upload: asks for credentials where there were none that count. */
export function assertMayUpload(stage: StageEntry, who: Identity): void {
  if (mayUpload(stage, who)) return
  throw who.user === undefined ? refuse('upload-unauthenticated') : refuse('upload-forbidden')
}

export function assertMayCreateIndex(index: IndexName, who: Identity): void {
  if (!mayChangeIndex(index, who)) throw refuse('index-not-creatable', { index })
}

/** Whether someone may create, change or remove an index, be it there or not. */
export const mayChangeIndex = (index: IndexName, who: Identity): boolean =>
  isAdmin(who) || who.user === ownerOf(index)

export function assertMayChangeIndex(index: IndexName, who: Identity, action: string): void {
  if (!mayChangeIndex(index, who)) throw refuse('forbidden', { action: `${action} index ${index}` })
}

/** Who may take files, releases and projects from an index: its owner, root, and whoever may upload to it. */
export function assertMayRemoveFrom({ name, entry }: NamedIndex, who: Identity): void {
  const isUploader = entry.type === 'stage' && mayUpload(entry, who)
  if (isUploader || mayChangeIndex(name, who)) return
  throw refuse('forbidden', { action: `delete from index ${name}` })
}

export function assertMayChangeUser(
  user: string,
  who: Identity,
  { onlyPassword }: { onlyPassword: boolean },
): void {
  if (isAdmin(who) || who.user === user) return
  throw onlyPassword
    ? refuse('password-not-changeable', { user })
    : refuse('user-not-modifiable', { user })
}

/** Nobody removes the administrator. */
export function assertMayRemoveUser(user: string, who: Identity): void {
  if (user !== ADMIN && (isAdmin(who) || who.user === user)) return
  throw refuse('forbidden', { action: `delete user ${user}` })
}

const ownerOf = (index: IndexName): string => index.slice(0, index.indexOf('/'))
