/**
 * Numbers of documents. They tell the kind of document, and of a name its length, so that the first ones found, in the
 * order of their numbers, are those that are looked for: no query sorts all that it matches.
 */
import { documentTypes, type DocumentType } from '../query.ts'

const KIND = 2 ** 44
const LENGTH = 2 ** 36
const LONGEST_NAME = 255

/** Where documents begin that are no names. */
export const FIRST_TEXT = KIND

export const nameId = (name: string, sequence: number): number =>
  Math.min(name.length, LONGEST_NAME) * LENGTH + sequence

export const documentId = (type: DocumentType, sequence: number): number =>
  documentTypes.indexOf(type) * KIND + sequence

export const typeOf = (id: number): DocumentType => documentTypes[Math.floor(id / KIND)]!

/** The numbers of all names of such a length: from the first, and before the second. */
export const namesBetween = (shortest: number, longest: number): [number, number] => [
  shortest * LENGTH,
  (Math.min(longest, LONGEST_NAME) + 1) * LENGTH,
]

/** The numbers of a kind of document. */
export function idsOf(type: DocumentType): [number, number] {
  const kind = documentTypes.indexOf(type)
  return [kind * KIND, (kind + 1) * KIND]
}
