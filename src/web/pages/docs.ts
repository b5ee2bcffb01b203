/** Documentation inside the site's frame: what was uploaded itself runs as a stranger's, in a box. */
import { get, type Route } from '#http/route'
import { redirect } from '#http/reply'
import { normalizeLoosely } from '#python/name'
import { indexName } from '#registry/indexes'
import { crumbs } from '../crumbs.ts'
import type { PagePrinter } from '../page-printer.ts'
import type { WebParts } from '../parts.ts'
import { viewDocs } from '../views/docs.ts'

export function docsPages({ docs, reading, server }: WebParts, show: PagePrinter): Route[] {
  return [
    get('/:user/:index/:project/:version/+d/*', async (call) => {
      const { user = '', index: short = '', version = '', '*': path = '' } = call.params
      const query = call.query.size === 0 ? '' : `?${call.query.toString()}`
      if (path === '') return redirect(302, `index.html${query}`)
      const [index, project] = [indexName(user, short), normalizeLoosely(call.params['project']!)]
      const limits = await reading.now()
      // Nobody is logged in on that host: what not everybody may read stays here.
      const docsUrl = limits.isLimited(index) ? undefined : server.docsUrl
      const frames = docsUrl === undefined ? undefined : new URL(docsUrl).origin
      return show(call, {
        template: 'docs',
        subject: [index, project, version, encodeURIComponent(path), query, frames ?? ''],
        frames,
        make: async (tx, addresses) => {
          const wanted = { index, project, version, path, query, docsUrl }
          const view = await viewDocs(tx, docs, wanted, addresses)
          return {
            title: `${project}-${view.version} Documentation`,
            path: crumbs(addresses, user, short, project, view.version),
            view,
            scripts: ['docs-frame.js'],
          }
        },
      })
    }),
  ]
}
