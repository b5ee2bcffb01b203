/**
 * What a server that follows a devpi-server keeps in its ledger beside devpi's data, in the same change.
 *
 * ```text
 * devpi/followed                      which server, and up to which of its serials all is here
 * devpi/coming/USER/INDEX/+f/A/B/NAME a file that is to be fetched, or +e/DIR/NAME
 * devpi/unlisted/…                    a mirror's file that its page does not list, by the same path
 * ```
 */
import type { DocsEntry } from '#registry/docs'
import type { FileEntry } from '#registry/files'
import type { FilePlace } from '#registry/keys'
import type { ToxresultEntry } from '#registry/toxresults'
import type { StretchCost } from './secret-keys.ts'
import { key, keyRange, type Key, type KeyRange } from '#ledger/key'

export interface Followed {
  /** devpi's serial, not ours. */
  readonly serial: number
  /** 32 hex digits: the server whose serial it is. */
  readonly uuid: string
  /** What its keys cost it, where that is not devpi's own. */
  readonly cost?: StretchCost | undefined
}

/** What is to be done once the bytes are here. Documentation and test results have no entry before. */
export type Coming = { readonly hashes: Readonly<Record<string, string>> } & (
  | { readonly rel: 'releasefile'; readonly file: FilePlace }
  | {
      readonly rel: 'doczip'
      readonly release: Pick<FilePlace, 'index' | 'project'> & { readonly version: string }
      readonly entry: Omit<DocsEntry, 'digest' | 'size'>
    }
  | {
      readonly rel: 'toxresult'
      readonly file: FilePlace
      readonly name: string
      readonly entry: Omit<ToxresultEntry, 'digest' | 'size'>
    }
)

/** `relpath`: where devpi has the file, `user/index/+f/abc/0123456789abc/NAME`. */
export const devpiKeys = {
  followed: (): Key<Followed> => key('devpi', 'followed'),
  coming: (relpath: string): Key<Coming> => key('devpi', 'coming', ...relpath.split('/')),
  allComing: (): KeyRange<Coming> => keyRange('devpi', 'coming'),
  unlisted: (relpath: string): Key<FileEntry> => key('devpi', 'unlisted', ...relpath.split('/')),
  allUnlisted: (): KeyRange<FileEntry> => keyRange('devpi', 'unlisted'),
}
