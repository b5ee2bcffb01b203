/** Lists of requirements in the options of policies: `foo`, `foo<2`, `*` for every project. */
import { normalizeName } from '#python/name'
import { parseRequirements } from '#python/requirements'
import { matches, type SpecifierSet } from '#python/specifier'
import { parseVersion } from '#python/version'
import { listOption, Mistake } from '#plugins/options'
import type { OptionKind } from '#plugins/plugin'

export interface ListedRequirement {
  /** `*` is every project. */
  readonly project: string
  readonly specifiers: SpecifierSet
  /** As it was written. */
  readonly text: string
}

/** PEP 508 names with specifiers. Markers, extras, hashes and addresses say nothing of a release, and are refused. */
export const requirementsOption = (doc: string): OptionKind<readonly ListedRequirement[]> =>
  listOption({ doc, read: readRequirement, split: splitRequirements })

/** At commas and lines, but not within specifiers: `foo>=1,<2, bar`. */
function splitRequirements(text: string): string[] {
  return text
    .split(/\n|,(?!\s*[<>=!~])/)
    .map((member) => member.trim())
    .filter((member) => member !== '')
}

function readRequirement(text: string): ListedRequirement | Mistake {
  if (text.trim() === '*') return { project: '*', specifiers: [], text }
  const stray = /[;[@#]|--hash/.exec(text)
  if (stray) {
    const at = `${stray[0]} at character ${stray.index + 1}`
    if (stray[0] !== ';') return new Mistake(`${at} has no meaning here`)
    return new Mistake(`${at} begins a marker, which has no meaning here; commas stand between two`)
  }
  const parsed = parseRequirements(text)
  if (!Array.isArray(parsed)) return new Mistake((parsed as { problem: string }).problem)
  const [requirement, ...others] = parsed
  if (!requirement || others.length > 0) return new Mistake('it is not one requirement')
  return { project: normalizeName(requirement.name), specifiers: requirement.specifiers, text }
}

/** The requirements that name a project. */
export const requirementsFor = (
  list: readonly ListedRequirement[],
  project: string,
): readonly ListedRequirement[] =>
  list.filter((one) => one.project === '*' || one.project === project)

/**
 * Whether a version is meant; undefined where nobody can tell, because it is no version and there are specifiers.
 */
export function isMeant({ specifiers }: ListedRequirement, version: string): boolean | undefined {
  if (specifiers.length === 0) return true
  const parsed = parseVersion(version)
  return parsed && matches(specifiers, parsed)
}
