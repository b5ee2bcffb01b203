/** What is opened in a data folder beside its store, with the settings that it takes. */
import { join } from 'node:path'
import { DownloadCounts } from '#api/download-counts'
import type { Parts } from '#api/parts'
import type { Crew } from '#base/crew'
import type { Config } from '#config'
import { Mirrors, type MirrorsOptions } from '#mirror/mirrors'
import { Search } from '#search/open-search'
import { VERSION } from '#version'
import { searchFile } from './app-search.ts'
import type { Store } from './app-store.ts'

export const openDownloads = ({ dir }: Config): DownloadCounts =>
  DownloadCounts.open(join(dir, 'local', 'downloads.sqlite'))

/** Its index is written by a process of this server's, or of another one on the same folder. */
export const openSearch = (
  { dir }: Config,
  needs: Pick<Parts, 'ledger' | 'policies' | 'mirrors' | 'log'> & { readonly crew: Crew },
): Search =>
  new Search({
    ...{ ...needs, file: searchFile(dir) },
    indexer: { program: import.meta.resolve('#app-search-process'), folder: dir },
    namesState: () => needs.mirrors.namesState(),
  })

export function openMirrors(
  config: Config,
  { ledger, blobs }: Pick<Store, 'ledger' | 'blobs'>,
  options: Pick<MirrorsOptions, 'log' | 'clock' | 'onNames' | 'primary' | 'measures' | 'crew'>,
): Promise<Mirrors> {
  return Mirrors.open({
    ledger,
    blobs,
    folder: join(config.dir, 'local'),
    settings: {
      requestTimeoutMs: config.requestTimeout,
      connectTimeoutMs: config.upstreamConnectTimeout,
      firstByteTimeoutMs: config.upstreamFirstByteTimeout,
      stallTimeoutMs: config.upstreamStallTimeout,
      cacheExpiryMs: config.mirrorCacheExpiry,
      staleForMs: config.mirrorStaleFor,
      staleWaitMs: config.mirrorStaleWait,
      makesAhead: !config.noMakeAhead,
      userAgent: `wheelyard/${VERSION}`,
      filesAlone: config.upstreamFiles,
      offline: config.offlineMode,
    },
    ...options,
  })
}
