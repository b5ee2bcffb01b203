/** The body of a push of many releases: a list of them, or of requirements. */
import { refuse } from '#base/refusal'
import { normalizeLoosely } from '#python/name'
import { parseRequirements } from '#python/requirements'
import type { Wish } from '#registry/push-choice'
import { isObject, type JsonObject } from './body.ts'
import { getText } from './push-order.ts'

/** One of them: a release by its exact version, or a wish that some release is to fit. */
export type Wanted = { readonly name: string } & (
  | { readonly version: string; readonly project: Wish['project'] }
  | { readonly version: undefined; readonly wish: Wish; readonly text: string }
)

export const LIST_KEYS = ['targetindex', 'releases', 'requirements', 'no_docs', 'only_docs']

const MOST_RELEASES = 1000

const invalid = (reason: string) => refuse('push-invalid', { reason })

/** Whether a body is about many releases. */
export const isList = (body: JsonObject): boolean =>
  body.releases !== undefined || body.requirements !== undefined

/** Refuses the whole list for one bad entry, which it names. */
export function readList({ releases, requirements }: JsonObject): Wanted[] {
  if (releases !== undefined && requirements !== undefined) {
    throw invalid("'releases' and 'requirements' can't be used together")
  }
  const wanted = releases === undefined ? readRequirements(requirements) : readReleases(releases)
  if (wanted.length === 0) throw invalid('the list is empty')
  if (wanted.length > MOST_RELEASES) {
    throw invalid(`more than ${MOST_RELEASES} releases in one push`)
  }
  return wanted
}

function readReleases(releases: unknown): Wanted[] {
  if (!Array.isArray(releases)) throw invalid("'releases' must be a list")
  return releases.map((release: unknown, place) => {
    if (!isObject(release)) throw invalid(`release ${place + 1} must be an object`)
    const unknown = Object.keys(release).find((key) => key !== 'name' && key !== 'version')
    if (unknown !== undefined)
      throw invalid(`release ${place + 1}: what is '${unknown.slice(0, 50)}'?`)
    const name = getText(release, 'name')
    return { name, project: normalizeLoosely(name), version: getText(release, 'version') }
  })
}

function readRequirements(requirements: unknown): Wanted[] {
  if (typeof requirements !== 'string') throw invalid("'requirements' must be a text")
  const parsed = parseRequirements(requirements)
  if ('problem' in parsed) throw invalid(`requirements, line ${parsed.line}: ${parsed.problem}`)
  return parsed.map(({ name, project, specifiers, hashes, text }) => ({
    name,
    version: undefined,
    wish: { project, specifiers, hashes },
    text,
  }))
}
