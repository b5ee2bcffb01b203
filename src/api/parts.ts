/** What the routes are built from: `app.ts` makes these once. */
import type { Clock } from '#base/clock'
import type { Roster } from '#base/crew'
import type { Log } from '#base/log'
import type { LoopLag } from '#base/loop-lag'
import type { Measures } from '#base/measures'
import type { Metric } from '#base/metric'
import type { SendFileHeader } from '#http/send-file'
import type { BlobStore } from '#blobs/blob-store'
import type { SmallBlobs } from '#blobs/small-blobs'
import type { Ledger } from '#ledger/ledger'
import type { KnownUpstreams } from '#mirror/known-upstreams'
import type { Mirrors } from '#mirror/mirrors'
import type { Publisher } from '#publish/publisher'
import type { DocsPages } from '#registry/docs-pages'
import type { Logins } from '#registry/identify'
import type { IndexGraph } from '#registry/index-graph'
import type { Reading } from '#registry/reading'
import type { Policies } from '#registry/policies'
import type { SearchIndex } from '#search/search'
import type { PageCache } from '#simple/page-cache'
import type { DownloadCounts } from './download-counts.ts'
import type { RehearsalLog } from './rehearsal-log.ts'
import type { Replication } from './replication.ts'

export interface Parts {
  readonly ledger: Ledger
  readonly blobs: BlobStore
  readonly smallBlobs: SmallBlobs
  readonly docs: DocsPages
  readonly mirrors: Mirrors
  /** Which upstreams somebody may know of. */
  readonly upstreams: KnownUpstreams
  readonly publisher: Publisher
  readonly pages: PageCache
  readonly policies: Policies
  readonly indexGraph: IndexGraph
  /** Who may read which index. */
  readonly reading: Reading
  readonly rehearsal: RehearsalLog
  readonly search: SearchIndex
  readonly downloads: DownloadCounts
  readonly logins: Logins
  readonly replication: Replication
  readonly measures: Measures
  readonly lag: LoopLag
  /** What the other processes of this server measure. */
  metricsOfOthers(): Promise<readonly (readonly Metric[])[]>
  /** Resolves once all is heard that the others have told until now. */
  heardOthers(): Promise<unknown>
  /** The processes of this server, where it is not one alone. */
  workers(): Promise<Roster | undefined>
  readonly clock: Clock
  readonly log: Log
  readonly server: ServerFacts
}

/** What the status and the uploads need to know of the server itself. */
export interface ServerFacts {
  readonly version: string
  /** 32 hex digits. */
  readonly uuid: string
  readonly outsideUrl: string | undefined
  /** Where documentation is served, if not below this server's own address. */
  readonly docsUrl: string | undefined
  /** The only hosts, or hosts with ports, that releases are pushed to; any where it is undefined. */
  readonly pushHosts: readonly string[] | undefined
  /** Whether `+authcheck` lets only those pass who are logged in. */
  readonly authcheckLogin: boolean
  /** Bytes. */
  readonly maxUploadSize: number
  /** Bytes; the largest JSON body. */
  readonly maxBodySize: number
  /** Whether it listens where other machines may reach it: root needs a password then. */
  readonly isExposed: boolean
  /** How the web server in front is told to send files; undefined: it is not. */
  readonly sendFile: SendFileHeader | undefined
  /** Whether links on Simple pages begin with the server's address. */
  readonly absoluteUrls: boolean
  /** The address once the server listens. */
  readonly address: () => { readonly host: string; readonly port: number }
}
