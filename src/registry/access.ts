/** Who may do what. A principal is a user, `:group`, `:AUTHENTICATED:` or `:ANONYMOUS:` (everyone). */
import type { Identity } from '#base/identity'
import { refuse } from '#base/refusal'
import type { IndexEntry, IndexName, NamedIndex, StageEntry } from './indexes.ts'

/** The administrator: an ordinary user with some grants, not a bypass (root uploads only where it is listed). */
const ADMIN = 'root'

/** Who may change everybody's users and indexes: the administrator, or those who are named for it. */
/** Whoever may do everything here. */
export const isModifier = (who: Identity): boolean => who.isModifier ?? who.user === ADMIN

/** Whether users look after what is theirs: not where some are named for that. */
const owns = (user: string, who: Identity): boolean =>
  who.isModifier === undefined && who.user === user

/** Marks those who alone may change users and indexes. Without a list everybody stays as they are. */
export function restrictModify(
  principals: readonly string[] | undefined,
): (who: Identity) => Identity {
  if (!principals) return (who) => who
  return (who) => ({ ...who, isModifier: isListed(principals, who) })
}

/** Whether one of the principals of a list is who is asking. */
export function isListed(principals: readonly string[], who: Identity): boolean {
  return principals.some((principal) => {
    if (principal === ':ANONYMOUS:') return true
    if (who.user === undefined) return false
    if (principal === ':AUTHENTICATED:' || principal === who.user) return true
    return principal.startsWith(':') && who.groups.includes(principal.slice(1))
  })
}

/** Whom an index lets read it. */
export interface Readers {
  readonly read: readonly string[]
  readonly upload: readonly string[]
}

/** Of an index alone, whatever it inherits from: also who may upload to it, or change it. */
export const mayReadOwn = (index: IndexName, { read, upload }: Readers, who: Identity): boolean =>
  isListed(read, who) || isListed(upload, who) || mayChangeIndex(index, who)

export const mayUpload = (stage: StageEntry, who: Identity): boolean =>
  isListed(stage.acl_upload, who)

/** Refuses an upload: asks for credentials where there were none that count. */
export function assertMayUpload(stage: StageEntry, who: Identity): void {
  if (mayUpload(stage, who)) return
  throw who.user === undefined ? refuse('upload-unauthenticated') : refuse('upload-forbidden')
}

/** Refuses a test result. An index that is missing grants nothing to anybody; a mirror has no list, and no own files. */
export function assertMaySendToxresult(entry: IndexEntry | undefined, who: Identity): void {
  const isAllowed = entry && (entry.type === 'mirror' || isListed(entry.acl_toxresult_upload, who))
  if (!isAllowed) throw refuse('toxresult-forbidden')
}

export function assertMayCreateIndex(index: IndexName, who: Identity): void {
  if (!mayChangeIndex(index, who)) throw refuse('index-not-creatable', { index })
}

/** Whether someone may create, change or remove an index, be it there or not. */
export const mayChangeIndex = (index: IndexName, who: Identity): boolean =>
  isModifier(who) || owns(ownerOf(index), who)

export function assertMayChangeIndex(index: IndexName, who: Identity, action: string): void {
  if (!mayChangeIndex(index, who)) throw refuse('forbidden', { action: `${action} index ${index}` })
}

/** Who may take files, releases and projects from an index: whoever may change or upload to it. */
export function assertMayRemoveFrom(index: NamedIndex, who: Identity): void {
  if (mayRemoveFrom(index, who)) return
  throw refuse('forbidden', { action: `delete from index ${index.name}` })
}

export const mayRemoveFrom = ({ name, entry }: NamedIndex, who: Identity): boolean =>
  (entry.type === 'stage' && mayUpload(entry, who)) || mayChangeIndex(name, who)

/** Who may yank files of an index: whoever may take them away. */
export function assertMayYank(index: NamedIndex, who: Identity): void {
  if (!mayRemoveFrom(index, who))
    throw refuse('forbidden', { action: `yank on index ${index.name}` })
}

export const mayCreateUsers = (who: Identity): boolean => who.isModifier !== false

/** Anybody may sign up, as with devpi, unless some are named for it. */
export function assertMayCreateUser(user: string, who: Identity): void {
  if (!mayCreateUsers(who)) throw refuse('forbidden', { action: `create user ${user}` })
}

export const mayChangeUser = (user: string, who: Identity): boolean =>
  isModifier(who) || owns(user, who)

/** A user's own password is always theirs to change. */
export const mayChangePassword = (user: string, who: Identity): boolean =>
  isModifier(who) || who.user === user

export function assertMayChangeUser(
  user: string,
  who: Identity,
  { onlyPassword }: { onlyPassword: boolean },
): void {
  if (onlyPassword ? mayChangePassword(user, who) : mayChangeUser(user, who)) return
  throw onlyPassword
    ? refuse('password-not-changeable', { user })
    : refuse('user-not-modifiable', { user })
}

/** Nobody removes the administrator; who is named to change users may not remove themselves. */
export function assertMayRemoveUser(user: string, who: Identity): void {
  if (mayRemoveUser(user, who)) return
  throw refuse('forbidden', { action: `delete user ${user}` })
}

export function mayRemoveUser(user: string, who: Identity): boolean {
  const isSafe = who.isModifier === undefined ? user !== ADMIN : user !== who.user
  return isSafe && mayChangeUser(user, who)
}

const ownerOf = (index: IndexName): string => index.slice(0, index.indexOf('/'))
