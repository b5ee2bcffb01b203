/** Where files, the folders in them and their members are looked at. */
import type { ArchiveMember } from '#python/archive-listing'
import type { ProjectName } from '#python/name'
import type { IndexName } from '#registry/indexes'
import type { Addresses } from '../addresses.ts'

/** Which file is looked into. */
export interface InsideOf {
  readonly index: IndexName
  readonly project: ProjectName
  readonly version: string
  readonly filename: string
}

export const insideAddress = (addresses: Addresses, of: InsideOf): string =>
  addresses.at(...of.index.split('/'), of.project, of.version, '+contents', of.filename)

/** What differs between two releases. */
export const changesAddress = (
  addresses: Addresses,
  { index, project }: Pick<InsideOf, 'index' | 'project'>,
  ...versions: readonly string[]
): string => addresses.at(...index.split('/'), project, '+diff', ...versions)

/** The slash at the end tells it from a file of the same name. */
export const folderAddress = (base: string, path: string): string =>
  path === ''
    ? `${base}/`
    : isPlain(path)
      ? `${base}/${encodePath(path)}/`
      : `${base}/?folder=${encodeURIComponent(path)}`

export const memberAddress = (base: string, { path, at, trouble }: ArchiveMember): string =>
  trouble !== 'doubled' && isPlain(path) ? `${base}/${encodePath(path)}` : `${base}/?member=${at}`

const encodePath = (path: string): string => path.split('/').map(encodeURIComponent).join('/')

const LONGEST_PATH = 1000

/** Whether it comes back as it is when a browser has read it as an address. */
const isPlain = (path: string): boolean =>
  path.length <= LONGEST_PATH &&
  !/[\\\p{Cc}\p{Cf}]/u.test(path) &&
  path.split('/').every((part) => part !== '' && part !== '.' && part !== '..')
