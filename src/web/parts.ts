/** What the pages are built from: `app.ts` makes these once. */
import type { Clock } from '#base/clock'
import type { Roster } from '#base/crew'
import type { Log } from '#base/log'
import type { BlobStore } from '#blobs/blob-store'
import type { Ledger } from '#ledger/ledger'
import type { KnownUpstreams } from '#mirror/known-upstreams'
import type { Mirrors } from '#mirror/mirrors'
import type { ProjectName } from '#python/name'
import type { DocsPages } from '#registry/docs-pages'
import type { IndexName } from '#registry/indexes'
import type { ProjectLinks } from '#registry/links'
import type { Reading } from '#registry/reading'
import type { Policies } from '#registry/policies'
import type { Readmes } from '#readme/readme'
import type { PageCache } from '#simple/page-cache'
import type { SearchIndex } from '#search/search'
import type { HealthMessage } from './health.ts'
import type { Drawings } from './drawings.ts'
import type { WebActions } from './actions.ts'
import type { ThemeOptions } from './theme/theme.ts'
import type { Explanation } from './views/explanation.ts'

export interface WebParts {
  readonly ledger: Ledger
  readonly blobs: BlobStore
  readonly docs: DocsPages
  readonly mirrors: Mirrors
  /** Which upstreams somebody may know of. */
  readonly upstreams: KnownUpstreams
  readonly pages: PageCache
  readonly policies: Policies
  /** Of inheritance. */
  readonly drawings: Drawings
  readonly search: SearchIndex
  /** Who may read which index. */
  readonly reading: Reading
  /** The processes of this server, where it is not one alone. */
  workers(): Promise<Roster | undefined>
  /** The indexes that have it as a base, also those that not everybody may read. */
  heirs(index: IndexName): Promise<readonly IndexName[]>
  readonly clock: Clock
  readonly log: Log
  /** What an index offers of a project: the same as its Simple page shows. Refuses as that page does. */
  links(index: IndexName, project: ProjectName): Promise<ProjectLinks>
  readonly readmes: Readmes
  /** What those who are logged in may do. */
  readonly actions: WebActions
  /** The same as `+explain` tells programs. */
  explain(index: IndexName, project: ProjectName, version?: string): Promise<Explanation>
  /** How often files of the project were asked for below an index. */
  countDownloads(index: IndexName, project: ProjectName): number
  /** What should worry whoever looks after the server, of what pages know nothing of. */
  readonly worries: () => readonly HealthMessage[]
  /** Where the data lies. */
  readonly folder: string
  readonly server: WebServerFacts
  readonly theme: Omit<ThemeOptions, 'log'>
}

export interface WebServerFacts {
  readonly version: string
  /** Of devpi-server, as far as programs need it. */
  readonly devpiVersion: string
  /** 32 hex digits. */
  readonly uuid: string
  readonly outsideUrl: string | undefined
  /** Where documentation is served, if not below this server's own address. */
  readonly docsUrl: string | undefined
  readonly role: 'primary' | 'replica'
  /** Which files a replica has; undefined for a server that follows nobody. */
  replicaFiles(): ReplicaFiles | undefined
}

export interface ReplicaFiles {
  readonly kept: 'all' | 'filtered' | 'on-demand'
  /** Files and the like that its filter leaves out. */
  readonly leftOut: number
  /** Files that could not be had. */
  readonly missing: number
  /** Changes whose files may not all be here. */
  readonly waitingChanges: number
}
