/** A query as a tree: what `query-parser` reads out of a text, and backends answer. */

/** What of a project a document was made from. */
export const documentTypes = [
  'project',
  'summary',
  'keywords',
  'description',
  'title',
  'page',
  'author',
  'author_email',
  'file',
] as const
export type DocumentType = (typeof documentTypes)[number]

/** What a project has beside its texts; each holds for all of its documents. */
export const projectFields = [
  'classifiers',
  'index',
  'keywords',
  'name',
  'path',
  'serial',
  'type',
  'user',
] as const
export type ProjectField = (typeof projectFields)[number]

export type QueryNode =
  | WordNode
  | PhraseNode
  | FieldNode
  | { readonly kind: 'and' | 'or'; readonly nodes: readonly QueryNode[] }
  | { readonly kind: 'not'; readonly node: QueryNode }
  /** What answers `node`; better if it answers `optional` too. */
  | { readonly kind: 'maybe'; readonly node: QueryNode; readonly optional: QueryNode }
  | { readonly kind: 'all' | 'nothing' }

/** A part of a word of the text, in lower case. */
export interface WordNode {
  readonly kind: 'word'
  readonly word: string
  /** Only at the start of a word. */
  readonly isPrefix: boolean
  readonly boost: number
}

/** Words that stand one after the other. */
export interface PhraseNode {
  readonly kind: 'phrase'
  readonly words: readonly string[]
  readonly boost: number
}

export interface FieldNode {
  readonly kind: 'field'
  readonly field: ProjectField
  readonly value: string
  /** Values that begin so. */
  readonly isPrefix: boolean
}

export interface Query {
  readonly node: QueryNode
  /** What was not understood as it was meant, in sentences. */
  readonly notes: readonly string[]
}

/** All words that make a document a better answer, with those that are only wished for. */
export function listSought(node: QueryNode): WordNode[] {
  switch (node.kind) {
    case 'word':
      return [node]
    case 'phrase':
      return node.words.map((word) => ({
        kind: 'word',
        word,
        isPrefix: false,
        boost: node.boost,
      }))
    case 'and':
    case 'or':
      return node.nodes.flatMap(listSought)
    case 'maybe':
      return [...listSought(node.node), ...listSought(node.optional)]
    default:
      return []
  }
}

export function hasPhrase(node: QueryNode): boolean {
  switch (node.kind) {
    case 'phrase':
      return true
    case 'and':
    case 'or':
      return node.nodes.some(hasPhrase)
    case 'not':
    case 'maybe':
      return hasPhrase(node.node)
    default:
      return false
  }
}

/** Whether a field is asked about anywhere. */
export function usesField(node: QueryNode, field: ProjectField): boolean {
  switch (node.kind) {
    case 'field':
      return node.field === field
    case 'and':
    case 'or':
      return node.nodes.some((one) => usesField(one, field))
    case 'not':
      return usesField(node.node, field)
    case 'maybe':
      return usesField(node.node, field) || usesField(node.optional, field)
    default:
      return false
  }
}
