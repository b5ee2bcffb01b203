/** What the pages for people, and the host of documentation, are made from. */
import { explainer } from '#api/explain'
import { guardReading } from '#api/guard-reading'
import type { Parts } from '#api/parts'
import { projectPages } from '#api/project-pages'
import { docsHostRoutes } from '#api/routes'
import { DEVPI_VERSION } from '#api/status'
import type { SecondHostOptions } from '#http/second-host'
import type { Fence } from '#ledger/fence'
import { fenced } from '#ledger/ledger'
import { findWorries, type Worry } from '#replication/replica-health'
import { VERSION } from '#version'
import type { ReplicaFiles, WebParts } from '#web/parts'
import { webActions } from './app-actions.ts'

export function webParts(
  parts: Parts,
  {
    fence,
    ...made
  }: Pick<WebParts, 'readmes' | 'drawings' | 'theme' | 'folder'> & { fence: Fence | undefined },
): WebParts {
  const { ledger, blobs, docs, mirrors, upstreams, pages, policies, clock, log, search, reading } =
    parts
  const onPages = projectPages(parts)
  return {
    ...{ ledger, blobs, docs, mirrors, upstreams, pages, policies, clock, log, search, reading },
    actions: webActions(parts),
    links: (index, project) => onPages.links(index, project),
    ...made,
    explain: explainer(parts),
    worries: () => [...replacedWorries(fence), ...missingWorries(parts), ...replicaWorries(parts)],
    workers: () => parts.workers(),
    heirs: async (index) => (await parts.indexGraph.current()).heirsOf(index),
    countDownloads: (index, project) => parts.downloads.find(index, project),
    server: {
      version: VERSION,
      devpiVersion: DEVPI_VERSION,
      uuid: parts.server.uuid,
      outsideUrl: parts.server.outsideUrl,
      docsUrl: parts.server.docsUrl,
      role: parts.replication.replica ? 'replica' : 'primary',
      replicaFiles: () => replicaFiles(parts),
    },
  }
}

function replicaFiles({ replication: { replica } }: Parts): ReplicaFiles | undefined {
  if (!replica) return undefined
  const { blobs: kept, leftOut, owed: missing, behind: waitingChanges } = replica.blobs()
  return { kept, leftOut, missing, waitingChanges }
}

function replacedWorries(fence: Fence | undefined): Worry[] {
  return fence ? [{ status: 'fatal', text: fenced(fence).message }] : []
}

function missingWorries({ replication }: Parts): Worry[] {
  const count = replication.missing()
  const text = `Files were not here when this server was promoted (${count}). They come when a server of the group has them.`
  return count === 0 ? [] : [{ status: 'warn', text }]
}

function replicaWorries({ replication: { replica }, ledger, clock }: Parts): Worry[] {
  if (!replica) return []
  const { owed } = replica.blobs()
  return findWorries({
    following: replica.following(),
    serial: ledger.serial,
    owed,
    now: clock.now(),
  })
}

/** Its own routes, where documentation has a host name to itself. */
export function docsHost(parts: Parts): SecondHostOptions | undefined {
  const { docsUrl: url, outsideUrl: mainUrl } = parts.server
  if (url === undefined) return undefined
  if (mainUrl === undefined) throw new TypeError('docsUrl is set without outsideUrl')
  const routes = guardReading(docsHostRoutes(parts, mainUrl), parts.reading, { hides: () => true })
  return { url, mainUrl, routes }
}
