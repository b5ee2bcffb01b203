/** Feeds of what came last, and badges with the latest version. */
import { redirect } from '#http/reply'
import { get, type Answer, type Call, type Route } from '#http/route'
import { normalizeLoosely, type ProjectName } from '#python/name'
import { indexName } from '#registry/indexes'
import { latestRelease, listProjectReleases } from '#registry/project-releases'
import { Addresses } from '../addresses.ts'
import type { DocumentPrinter } from '../document-printer.ts'
import type { WebParts } from '../parts.ts'
import { printBadge } from '../views/badge.ts'
import { printFeed } from '../views/feed.ts'
import { listRecentOfProject, listRecentReleases } from '../views/recent-releases.ts'

const MOST_ENTRIES = 50

export function feedRoutes(parts: WebParts, send: DocumentPrinter): Route[] {
  let origin: string | undefined
  return [
    get('/:user/:index/+feed', (call) => sendFeed(call)),
    get('/:user/:index/+feed/:project', (call) => {
      const { user = '', index = '', project = '' } = call.params
      const normal = normalizeLoosely(project)
      if (normal === project) return sendFeed(call, normal)
      return redirect(302, new Addresses(call).at(user, index, '+feed', normal))
    }),
    get('/:user/:index/:project/+badge.svg', sendBadge),
  ]

  async function sendFeed(call: Call, project?: ProjectName): Promise<Answer> {
    const { user = '', index: short = '' } = call.params
    const index = indexName(user, short)
    // Refuses what is not there.
    const links = project && (await parts.links(index, project))
    const host = call.root.slice(0, call.root.length - call.prefix.length)
    return send(call, {
      type: 'application/atom+xml; charset=utf-8',
      subject: ['feed', index, project ?? ''],
      ...(links && { basis: [links] }),
      async make(tx, addresses) {
        const most = MOST_ENTRIES
        const releases =
          project && links
            ? await listRecentOfProject(tx, links, { project, most })
            : await listRecentReleases(tx, { index, most })
        const page =
          project === undefined ? addresses.index(index) : addresses.project(index, project)
        const id = `urn:wheelyard:${await originOfHistory()}:${index}`
        return printFeed({
          title: project === undefined ? index : `${project} on ${index}`,
          id: project === undefined ? id : `${id}:${project}`,
          page: host + page,
          self: call.root + call.path,
          entries: releases.map(({ project: name, version, summary, uploader, at }) => ({
            title: `${name} ${version}`,
            id: `${id}:${name}:${version}`,
            page: host + addresses.release(index, name, version),
            author: uploader,
            summary,
            at,
          })),
        })
      },
    })
  }

  /** The same on all servers of a group, also after another one has become the primary. */
  async function originOfHistory(): Promise<string> {
    origin ??= (await parts.ledger.change(0))?.hash.slice(0, 32)
    return origin ?? ''
  }

  async function sendBadge(call: Call): Promise<Answer> {
    const { user = '', index: short = '', project: asked = '' } = call.params
    const [index, project] = [indexName(user, short), normalizeLoosely(asked)]
    const links = await parts.links(index, project)
    return send(call, {
      type: 'image/svg+xml',
      subject: ['badge', index, project],
      basis: [links],
      async make(tx) {
        const latest = latestRelease(await listProjectReleases(tx, links, project))
        return printBadge(project, latest?.version ?? 'no release')
      },
    })
  }
}
