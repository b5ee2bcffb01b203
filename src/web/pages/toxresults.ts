/** The pages of results of tests of a file (devpi-web 9). */
import { refuse } from '#base/refusal'
import { get, type Call, type Route } from '#http/route'
import { normalizeLoosely } from '#python/name'
import { indexName } from '#registry/indexes'
import type { ToxReadings } from '#registry/tox-reading'
import { crumbs } from '../crumbs.ts'
import type { PagePrinter } from '../page-printer.ts'
import { listAddress, listResults, newestState, type TestedFile } from '../views/toxresults.ts'

export function toxresultPages(readings: ToxReadings, show: PagePrinter): Route[] {
  const list = '/:user/:index/:project/:version/+toxresults/:filename'
  return [get(list, showResults), get(`${list}/:result`, showResult)]

  function showResults(call: Call) {
    const file = fileOf(call)
    return show(call, {
      template: 'toxresults',
      subject: [file.index, file.project, file.version, file.filename],
      make: async (tx, addresses) => {
        const results = await listResults(tx, readings, file, addresses)
        const { index, project, version, filename } = file
        return {
          title: `${index}/: ${project}-${version} toxresults`,
          path: [...crumbs(addresses, ...index.split('/'), project, version)],
          view: {
            filename,
            releaseAddress: addresses.release(index, project, version),
            results,
            state: newestState(results),
          },
        }
      },
    })
  }

  function showResult(call: Call) {
    const file = fileOf(call)
    const { result: wanted = '' } = call.params
    return show(call, {
      template: 'toxresult',
      subject: [file.index, file.project, file.version, file.filename, wanted],
      make: async (tx, addresses) => {
        const results = await listResults(tx, readings, file, addresses)
        const result = results.find(({ name }) => name === wanted)
        if (!result) throw refuse('file-missing')
        const { index, project, version, filename } = file
        return {
          title: `${index}/: ${project}-${version} toxresult ${wanted}`,
          path: crumbs(addresses, ...index.split('/'), project, version),
          view: { filename, listAddress: listAddress(addresses, file), result },
        }
      },
    })
  }
}

const fileOf = ({ params }: Call): TestedFile => {
  const { user = '', index = '', project = '', version = '', filename = '' } = params
  return { index: indexName(user, index), project: normalizeLoosely(project), version, filename }
}
