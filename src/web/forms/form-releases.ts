/** The releases that forms are about: where they are, what belongs to them. */
import { refuse } from '#base/refusal'
import type { Call } from '#http/route'
import type { Ledger } from '#ledger/ledger'
import { normalizeLoosely } from '#python/name'
import { getIndex, indexName, type NamedIndex } from '#registry/indexes'
import { listReleaseLinks, type ReleaseLink } from '#registry/release-links'
import { Addresses } from '../addresses.ts'
import { crumbs } from '../crumbs.ts'
import type { Crumb } from '../frame.ts'
import type { FormView } from './form-view.ts'

export const RELEASE = '/:user/:index/:project/:version'

/** What the address of a form says; `?file=` names one of its files. */
export class FormReleases {
  readonly #ledger: Ledger

  constructor(ledger: Ledger) {
    this.#ledger = ledger
  }

  crumbs = ({ params }: Call, to: Addresses): Crumb[] => {
    const { user = '', index = '', project = '', version } = params
    return crumbs(to, user, index, project, ...(version === undefined ? [] : [version]))
  }

  /** Refuses one that is missing. */
  getIndex(call: Call): Promise<NamedIndex> {
    const { index: name } = placeOf(call)
    return this.#ledger.read(async (tx) => ({ name, entry: await getIndex(tx, name) }))
  }

  /** All that belongs to the release, or the one that is meant, which must be there. */
  async listLinks(call: Call): Promise<ReleaseLink[]> {
    const { index, project, version } = placeOf(call)
    const links = await this.#ledger.read((tx) => listReleaseLinks(tx, index, project))
    const own = links.get(version) ?? []
    const filename = call.query.get('file')
    const meant = own.filter((link) => filename === null || link.filename === filename)
    if (meant.length === 0 && filename !== null) throw refuse('file-missing')
    return meant
  }

  /** Names of files; none where a release is documentation alone. */
  async listFiles(call: Call): Promise<string[]> {
    const links = await this.listLinks(call)
    return links.filter(({ rel }) => rel === 'releasefile').map(({ filename }) => filename)
  }
}

export function placeOf({ params: { user = '', index = '', project = '', version = '' } }: Call) {
  return { index: indexName(user, index), project: normalizeLoosely(project), version }
}

export function nameOf(call: Call): string {
  const { project, version } = placeOf(call)
  return call.query.get('file') ?? `${project} ${version}`
}

export function releaseAddress(call: Call): string {
  const { index, project, version } = placeOf(call)
  return new Addresses(call).release(index, project, version)
}

/** The same form for one file alone, where there are several. */
export function eachFile(
  call: Call,
  { form, verb }: { readonly form: string; readonly verb: string },
  files: readonly string[],
): FormView['links'] {
  if (files.length < 2) return []
  return files.map((filename) => ({
    title: `${verb} ${filename} alone`,
    address: `${releaseAddress(call)}/${form}?file=${encodeURIComponent(filename)}`,
  }))
}
