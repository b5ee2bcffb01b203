/** Index options between what is stored and what stands in a form. */
import { Refusal } from '#base/refusal'
import { readOptions, type MoreOptions, type OptionBody } from '#registry/index-options'
import type { IndexEntry } from '#registry/indexes'
import { listOptionFields, type OptionField } from '#registry/option-fields'
import { Mistakes, type FieldGroup, type FormField } from './form-view.ts'
import { parseJsonField, printJsonField } from './json-field.ts'

type Type = IndexEntry['type']
type Stored = Readonly<Record<string, unknown>>

/** What a form with them needs: a lock file may stand in an option. */
export const optionForm = { limit: 16 * 1024 * 1024, scripts: ['sortable-lines.js'] } as const

const titles = { main: undefined, upstream: 'How upstream is asked', policy: 'Policies' } as const

/** All fields; those that are rarely looked for are closed unless something stands in them. */
export function optionGroups(
  type: Type,
  more: MoreOptions,
  { stored, typed }: { readonly stored: Stored; readonly typed: URLSearchParams | undefined },
): FieldGroup[] {
  const fields = Map.groupBy(listOptionFields(type, more), ({ group }) => group)
  return [...fields].map(([name, own]) => {
    const shown = own.map((field) => formField(field, stored, typed))
    const isSet = shown.some(({ value }) => value !== '')
    return { title: titles[name], fields: shown, isOpen: name === 'main' || isSet }
  })
}

function formField(
  { name, label, input, doc, isFixed }: OptionField,
  stored: Stored,
  typed: URLSearchParams | undefined,
): FormField {
  const value =
    input.kind === 'secret' ? '' : (typed?.get(name) ?? printOption(input, stored[name]))
  const isHidden = input.kind === 'secret' && stored[name] !== undefined
  return {
    name,
    label,
    option: name,
    input,
    value,
    doc: isHidden ? `${doc} There is one; leave this empty to keep it.` : doc,
    isFixed,
    isRequired: name === 'mirror_url',
  }
}

function printOption({ kind }: OptionField['input'], value: unknown): string {
  if (value === undefined) return ''
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  if (kind === 'json') return printJsonField(value)
  if (Array.isArray(value)) return value.map(String).join('\n')
  return typeof value === 'string' ? value : printJsonField(value)
}

export interface OptionChange {
  readonly body: OptionBody
  readonly drop: readonly string[]
}

/** What was changed in the form; refuses all mistakes together, each at its field. */
export function readOptionChange(
  type: Type,
  more: MoreOptions,
  { stored, typed }: { readonly stored: Stored; readonly typed: URLSearchParams },
): OptionChange {
  const body: Record<string, unknown> = {}
  const drop: string[] = []
  const mistakes: Record<string, string> = {}
  for (const field of listOptionFields(type, more)) {
    const { name, input } = field
    const text = typed.get(name)?.replaceAll('\r\n', '\n')
    if (
      text === undefined ||
      text === printOption(input, input.kind === 'secret' ? '' : stored[name])
    )
      continue
    try {
      const value = parseOption(field, text)
      if (value === undefined) drop.push(name)
      else body[name] = readOptions(type, { [name]: value }, more)[name]
    } catch (error) {
      if (error instanceof Mistakes) Object.assign(mistakes, error.byField)
      else if (error instanceof Refusal) mistakes[name] = error.message
      else throw error
    }
  }
  if (Object.keys(mistakes).length > 0) throw new Mistakes(mistakes)
  return { body, drop }
}

function parseOption({ name, input, isFixed }: OptionField, text: string): unknown {
  switch (input.kind) {
    case 'list': {
      const members = text.split('\n').map((line) => line.trim())
      const list = members.filter((line) => line !== '')
      return list.length === 0 && !isFixed ? undefined : list
    }
    case 'json':
      return parseJsonField(name, text)
    case 'document':
    case 'pem':
    case 'paragraph':
      return text.trim() === '' ? undefined : text
    default:
      return text.trim() === '' ? undefined : text.trim()
  }
}
