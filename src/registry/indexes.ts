/** Stage and mirror indexes: create, change, remove. */

/** `user/index`. */
export type IndexName = string & { readonly __brand?: 'IndexName' }

/** A stage: an index of own releases. Option names are devpi's, as the API shows them. */
export interface StageEntry {
  readonly type: 'stage'
  readonly volatile: boolean
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
  /** Upstream's simple index; may embed credentials. Absent on `root/pypi` until PyPI's address is known. */
  readonly mirror_url?: string
  /** Seconds for which links are taken as fresh. */
  readonly mirror_cache_expiry?: number
  readonly mirror_ignore_serial_header?: boolean
  readonly mirror_no_project_list?: boolean
  readonly mirror_provides_core_metadata?: boolean
  readonly mirror_use_external_urls?: boolean
  readonly mirror_web_url_fmt?: string
  readonly title?: unknown
  readonly description?: unknown
  readonly custom_data?: unknown
}

export type IndexEntry = StageEntry | MirrorEntry
