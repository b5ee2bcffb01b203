/** What a reader who is logged in may do with what a page shows: links to forms. Nobody else has any. */
import type { Identity } from '#base/identity'
import type { ReadTransaction } from '#ledger/transaction'
import type { ProjectName } from '#python/name'
import {
  mayChangeIndex,
  mayChangePassword,
  mayChangeUser,
  mayCreateUsers,
  mayRemoveFrom,
  mayRemoveUser,
  mayUpload,
} from '#registry/access'
import { findIndex, type IndexName } from '#registry/indexes'
import type { ProjectRelease } from '#registry/project-releases'
import { releaseOf } from '#registry/release-links'
import { keys } from '#registry/keys'
import type { Addresses } from '../addresses.ts'

export interface PageAction {
  readonly title: string
  readonly address: string
  readonly isDangerous?: boolean
}

export interface Acting {
  readonly who: Identity
  readonly addresses: Addresses
}

/** Everybody makes indexes of their own there; who looks after users makes those. */
export function homeActions({ who, addresses }: Acting): PageAction[] {
  const { user } = who
  if (user === undefined) return []
  return [
    ...(mayChangeIndex(`${user}/`, who)
      ? [{ title: 'New index', address: addresses.at(user, '+new-index') }]
      : []),
    ...(mayCreateUsers(who) ? [{ title: 'New user', address: addresses.at('+new-user') }] : []),
  ]
}

export function userActions(user: string, { who, addresses }: Acting): PageAction[] {
  if (who.user === undefined) return []
  const at = (form: string): string => addresses.at(user, form)
  return [
    ...(mayChangeIndex(`${user}/`, who) ? [{ title: 'New index', address: at('+new-index') }] : []),
    ...(mayChangeUser(user, who) ? [{ title: 'Change', address: at('+edit') }] : []),
    ...(mayChangePassword(user, who) ? [{ title: 'Password', address: at('+password') }] : []),
    ...(mayRemoveUser(user, who) ? [removal(at('+delete'))] : []),
  ]
}

export async function indexActions(
  tx: ReadTransaction,
  name: IndexName,
  { who, addresses }: Acting,
): Promise<PageAction[]> {
  const entry = who.user === undefined ? undefined : await findIndex(tx, name)
  if (!entry) return []
  const at = (form: string): string => `${addresses.index(name)}/${form}`
  const isOwner = mayChangeIndex(name, who)
  const isUploader = entry.type === 'stage' && mayUpload(entry, who)
  return [
    ...(isUploader ? [{ title: 'Upload', address: at('+upload') }] : []),
    ...(isOwner ? [{ title: 'Change', address: at('+edit') }] : []),
    ...(isOwner && entry.volatile ? [removal(at('+delete'))] : []),
  ]
}

export async function projectActions(
  tx: ReadTransaction,
  { index, project }: { readonly index: IndexName; readonly project: ProjectName },
  { who, addresses }: Acting,
): Promise<PageAction[]> {
  const entry = who.user === undefined ? undefined : await findIndex(tx, index)
  if (!entry || !mayRemoveFrom({ name: index, entry }, who)) return []
  if (!(await tx.get(keys.project(index, project)))) return []
  return [removal(`${addresses.project(index, project)}/+delete`)]
}

export interface ShownRelease {
  readonly index: IndexName
  readonly project: string
  readonly release: ProjectRelease
}

/** A release that only bases have is theirs to change; it can be pushed from there. */
export async function releaseActions(
  tx: ReadTransaction,
  { index, project, release }: ShownRelease,
  { who, addresses }: Acting,
): Promise<PageAction[]> {
  const entry = who.user === undefined ? undefined : await findIndex(tx, index)
  if (!entry) return []
  const places = placesOf(release)
  const place = places.find((one) => one.index === index) ?? places[0]
  if (!place) return []
  const { version } = place
  const at = (form: string): string => `${addresses.release(place.index, project, version)}/${form}`
  const isOwnStage = entry.type === 'stage' && place.index === index
  const mayRemove = place.index === index && mayRemoveFrom({ name: index, entry }, who)
  return [
    { title: 'Push', address: at('+push') },
    ...(isOwnStage && mayUpload(entry, who)
      ? [{ title: 'Upload documentation', address: docsAddress() }]
      : []),
    ...(isOwnStage && mayRemove ? [{ title: 'Yank', address: at('+yank') }] : []),
    ...(mayRemove ? [removal(at('+delete'))] : []),
  ]

  function docsAddress(): string {
    const query = new URLSearchParams({ project, version }).toString()
    return `${addresses.index(index)}/+upload?${query}`
  }
}

/** The indexes that have it themselves, with its version as each was sent it. */
const placesOf = ({ registrations, links }: ProjectRelease) => [
  ...registrations,
  ...links.map(({ index, file }) => ({ index, version: releaseOf(file) })),
]

const removal = (address: string): PageAction => ({ title: 'Delete', address, isDangerous: true })
