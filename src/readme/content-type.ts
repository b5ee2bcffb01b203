/** What a description is written in, by the core metadata field Description-Content-Type. */

export interface DescriptionType {
  readonly kind: 'markdown' | 'rst' | 'plain'
  /** Markdown's variant: GitHub's unless the field says otherwise. */
  readonly isCommonMark: boolean
  /** The type as it was given, if it is none of the three. */
  readonly unknown?: string
  /** Nothing was said: reStructuredText, as it was before the field was made. */
  readonly isAssumed: boolean
}

const kinds = new Map<string, DescriptionType['kind']>([
  ['text/markdown', 'markdown'],
  ['text/x-rst', 'rst'],
  ['text/plain', 'plain'],
])

const LONGEST = 200

export function parseDescriptionType(field: string | undefined): DescriptionType {
  const [essence = '', ...parameters] = (field ?? '').slice(0, LONGEST).split(';')
  const name = essence.trim().toLowerCase()
  if (name === '') return { kind: 'rst', isCommonMark: false, isAssumed: true }

  const kind = kinds.get(name)
  if (!kind) return { kind: 'plain', isCommonMark: false, isAssumed: false, unknown: name }
  const isCommonMark = parameters.some((parameter) =>
    /^\s*variant\s*=\s*"?commonmark"?\s*$/i.test(parameter),
  )
  return { kind, isCommonMark, isAssumed: false }
}
