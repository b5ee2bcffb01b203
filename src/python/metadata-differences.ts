/** What differs between the metadata of two releases, field by field. Descriptions are compared elsewhere, by lines. */
import { parseName } from './name.ts'

/** Core metadata by field: `''` and empty lists are as good as nothing. */
export type MetadataFields = Readonly<Record<string, string | readonly string[]>>

export interface FieldDifference {
  readonly field: string
  /** Values that are in the old release alone, and in the new one. */
  readonly removed: readonly string[]
  readonly added: readonly string[]
  /** How many values are in both. */
  readonly kept: number
}

export interface RequirementDifference {
  /** The normal form, or the text itself where it has no right name. */
  readonly project: string
  readonly removed: readonly string[]
  readonly added: readonly string[]
}

export interface MetadataDifferences {
  /** In the order of the alphabet. */
  readonly fields: readonly FieldDifference[]
  readonly requirements: readonly RequirementDifference[]
}

/** They say which release it is, or have a comparison of their own. */
const leftOut = new Set(['name', 'version', 'description', 'requires_dist'])

export function compareMetadata(
  before: MetadataFields,
  after: MetadataFields,
): MetadataDifferences {
  const names = new Set([...Object.keys(before), ...Object.keys(after)])
  const fields = [...names]
    .filter((name) => !leftOut.has(name))
    .toSorted()
    .map((field) => compareValues(field, valuesOf(before, field), valuesOf(after, field)))
    .filter(({ added, removed }) => added.length + removed.length > 0)
  return { fields, requirements: compareRequirements(before, after) }
}

const valuesOf = (fields: MetadataFields, field: string): string[] =>
  [fields[field] ?? []].flat().filter((value) => value !== '')

function compareValues(
  field: string,
  before: readonly string[],
  after: readonly string[],
): FieldDifference {
  const [old, now] = [new Set(before), new Set(after)]
  return {
    field,
    removed: [...old].filter((value) => !now.has(value)),
    added: [...now].filter((value) => !old.has(value)),
    kept: [...now].filter((value) => old.has(value)).length,
  }
}

/** By project: one that asks for other versions is a change, not something that goes and something that comes. */
function compareRequirements(
  before: MetadataFields,
  after: MetadataFields,
): RequirementDifference[] {
  const [old, now] = [requirementsOf(before), requirementsOf(after)]
  const removed = [...old].filter(([meaning]) => !now.has(meaning)).map(([, text]) => text)
  const added = [...now].filter(([meaning]) => !old.has(meaning)).map(([, text]) => text)
  const [removedBy, addedBy] = [Map.groupBy(removed, projectOf), Map.groupBy(added, projectOf)]
  return [...new Set([...removedBy.keys(), ...addedBy.keys()])].toSorted().map((project) => ({
    project,
    removed: removedBy.get(project) ?? [],
    added: addedBy.get(project) ?? [],
  }))
}

/** The texts by what they mean: build tools write the same in different ways. */
const requirementsOf = (fields: MetadataFields): Map<string, string> =>
  new Map(valuesOf(fields, 'requires_dist').map((text) => [meaningOf(text), text]))

const NAME = /^\s*([A-Za-z0-9][A-Za-z0-9._-]*)/

function projectOf(text: string): string {
  const [, name = text] = NAME.exec(text) ?? []
  return parseName(name) ?? name
}

function meaningOf(text: string): string {
  const [, written] = NAME.exec(text) ?? []
  if (written === undefined) return text
  const rest = text.slice(text.indexOf(written) + written.length)
  const semicolon = rest.indexOf(';')
  const wanted = (semicolon === -1 ? rest : rest.slice(0, semicolon)).replace(/\s/g, '')
  const marker = semicolon === -1 ? '' : rest.slice(semicolon + 1)
  const [, extras = '', versions = ''] = /^(\[[^\]]*\])?(.*)$/s.exec(wanted) ?? []
  const parts = versions.replace(/^\((.*)\)$/s, '$1').split(',')
  return JSON.stringify([projectOf(text), extras, parts.toSorted(), plainMarker(marker)])
}

const plainMarker = (marker: string): string =>
  marker
    .replaceAll("'", '"')
    .replace(/\s+/g, ' ')
    .replace(/ ?([()]|===?|~=|!=|<=|>=|<|>) ?/g, '$1')
    .trim()
