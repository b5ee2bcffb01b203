/** An index as one line of a list. */
import type { Identity } from '#base/identity'
import { viewIndex, type IndexEntry, type IndexName, type NamedIndex } from '#registry/indexes'
import type { MayRead } from '#registry/reading'
import type { Addresses } from '../addresses.ts'

export interface IndexLine {
  /** `user/index` */
  readonly name: IndexName
  /** Its part behind the slash. */
  readonly shortName: string
  readonly user: string
  readonly address: string
  readonly kind: 'stage' | 'mirror'
  /** Not everybody may read it: its own `acl_read` says so, or that of an index it inherits from. */
  readonly isRestricted: boolean
  readonly title: string | undefined
  readonly description: string | undefined
  /** Every option, as the API shows it to who is asking. */
  readonly config: IndexEntry
  /** Any JSON. */
  readonly customData: unknown
}

export interface Seen {
  readonly who: Identity
  readonly addresses: Addresses
  /** What everybody may read; undefined: all. */
  readonly everybodyReads?: MayRead | undefined
}

export function indexLine(index: NamedIndex, { who, addresses, everybodyReads }: Seen): IndexLine {
  const { name } = index
  const config = viewIndex(index, who)
  const [user = '', shortName = ''] = name.split('/')
  return {
    name,
    shortName,
    user,
    address: addresses.index(name),
    kind: config.type,
    isRestricted: everybodyReads?.(name) === false,
    title: textOf(config.title),
    description: textOf(config.description),
    config,
    customData: config.custom_data,
  }
}

/** What is said by an option that may hold any JSON. */
export const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value.trim() !== '' ? value : undefined
