/** Stage and mirror indexes: what they are, and how they are found. */
import type { Identity } from '#base/identity'
import { refuse } from '#base/refusal'
import type { ReadTransaction } from '#ledger/transaction'
import { mayChangeIndex } from './access.ts'
import { keys } from './keys.ts'
import { isKeySegment } from './names.ts'
import { HIDDEN, withoutCredentials } from './option-values.ts'

/** `user/index`. */
export type IndexName = string & { readonly __brand?: 'IndexName' }

/** A stage: an index of own releases. Option names are devpi's, as the API shows them. */
export interface StageEntry {
  readonly type: 'stage'
  readonly volatile: boolean
  /** Who may read it; everybody where it is absent. */
  readonly acl_read?: readonly string[]
  readonly bases: readonly IndexName[]
  readonly acl_upload: readonly string[]
  readonly acl_toxresult_upload: readonly string[]
  readonly mirror_whitelist: readonly string[]
  readonly mirror_whitelist_inheritance: 'intersection' | 'union'
  readonly strict_uploads?: boolean
  readonly title?: unknown
  readonly description?: unknown
  readonly custom_data?: unknown
}

/** A mirror: an index whose links come from an upstream. */
export interface MirrorEntry {
  readonly type: 'mirror'
  readonly volatile: boolean
  /** Who may read it; everybody where it is absent. */
  readonly acl_read?: readonly string[]
  /** Upstream's simple index; may embed credentials. Absent on `root/pypi` until PyPI's address is known. */
  readonly mirror_url?: string
  /** Seconds for which links are taken as fresh. */
  readonly mirror_cache_expiry?: number
  /** `listing`: one page of links to files, or to a folder for each project. */
  readonly mirror_layout?: 'simple' | 'listing'
  /** Of a devpi-server or a Wheelyard: without what the index inherits. */
  readonly mirror_own_only?: boolean
  /** A bearer token. */
  readonly mirror_token?: string
  /** PEM texts. */
  readonly mirror_client_cert?: string
  readonly mirror_client_key?: string
  readonly mirror_ca?: string
  /** An HTTP proxy; may embed credentials. */
  readonly mirror_proxy?: string
  /** Hosts inside that an upstream outside may lead to. */
  readonly mirror_private_hosts?: readonly string[]
  readonly mirror_ignore_serial_header?: boolean
  /** May always add to projects that a stage has. */
  readonly mirror_whitelist_exempt?: boolean
  /** Files whose content upstream changes under the same name are changed here too. */
  readonly mirror_take_replaced?: boolean
  /** Where upstream answers PyPI's XML-RPC: pages that its changelog does not name stay fresh. */
  readonly mirror_changelog_url?: string
  /** What upstream removes stays here. */
  readonly mirror_keep_removed?: boolean
  readonly mirror_no_project_list?: boolean
  readonly mirror_provides_core_metadata?: boolean
  /** Read out of wheels what upstream does not tell. Default: yes. */
  readonly mirror_make_metadata?: boolean
  readonly mirror_use_external_urls?: boolean
  readonly mirror_web_url_fmt?: string
  readonly title?: unknown
  readonly description?: unknown
  readonly custom_data?: unknown
}

export type IndexEntry = StageEntry | MirrorEntry

export interface NamedIndex {
  readonly name: IndexName
  readonly entry: IndexEntry
}

/** Whether it is a mirror that reads core metadata out of wheels where upstream has none. */
export const makesMetadata = (entry: IndexEntry | undefined): boolean =>
  entry?.type === 'mirror' && entry.mirror_make_metadata !== false

/** The name of an index from its two segments. */
export const indexName = (user: string, index: string): IndexName => `${user}/${index}`

export async function findIndex(
  tx: ReadTransaction,
  name: IndexName,
): Promise<IndexEntry | undefined> {
  return isIndexName(name) ? tx.get(keys.index(name)) : undefined
}

/** Whether a text could be the name of an index. */
export function isIndexName(text: string): boolean {
  const segments = text.split('/')
  return segments.length === 2 && segments.every(isKeySegment)
}

export async function getIndex(tx: ReadTransaction, name: IndexName): Promise<IndexEntry> {
  const entry = await findIndex(tx, name)
  if (!entry) throw refuse('index-missing', { index: name })
  return entry
}

export async function listIndexesOf(tx: ReadTransaction, user: string): Promise<NamedIndex[]> {
  const indexes = await tx.list(keys.indexesOf(user))
  return indexes.map(({ name, value }) => ({ name: indexName(user, name), entry: value }))
}

/** The options of an index as `who` may see them: an upstream's credentials are for those who may set them. */
export function viewIndex({ name, entry }: NamedIndex, who: Identity): IndexEntry {
  if (entry.type !== 'mirror' || mayChangeIndex(name, who)) return entry
  const { mirror_token, mirror_client_key, mirror_url, mirror_proxy, ...shown } = entry
  return {
    ...shown,
    ...(mirror_url !== undefined && { mirror_url: withoutCredentials(mirror_url) }),
    ...(mirror_proxy !== undefined && { mirror_proxy: withoutCredentials(mirror_proxy) }),
    ...(mirror_token !== undefined && { mirror_token: HIDDEN }),
    ...(mirror_client_key !== undefined && { mirror_client_key: HIDDEN }),
  }
}
