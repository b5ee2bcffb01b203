/** The model of the template `form`, which all forms without files share. */
import type { FieldInput } from '#registry/option-fields'
import { fieldView, type FieldView } from './field-view.ts'

/** Kinds beside those of index options. */
export type Input =
  | FieldInput
  | { readonly kind: 'password' | 'new-password' | 'username' | 'email' | 'check' | 'hidden' }
  | { readonly kind: 'select'; readonly words: readonly string[] }

export interface FormField {
  readonly name: string
  readonly label: string
  /** The name under which programs set it, if they do. */
  readonly option?: string
  readonly input: Input
  /** As it stands in the field: what was typed, else what is set. */
  readonly value: string
  readonly doc?: string | undefined
  readonly isRequired?: boolean
  /** Whether `no` can be told from nothing at all. */
  readonly isFixed?: boolean
  /** What is wrong with what was typed. */
  readonly mistake?: string | undefined
}

export interface FieldGroup {
  /** Undefined: the fields that everybody looks for. */
  readonly title?: string | undefined
  readonly fields: readonly FormField[]
  /** Closed, one sees only its title. */
  readonly isOpen: boolean
}

/** The same, as a template prints it. */
export interface GroupView extends Omit<FieldGroup, 'fields'> {
  readonly fields: readonly FieldView[]
}

export interface FormView {
  /** `login`, `edit-index`, … */
  readonly purpose: string
  readonly heading: string
  /** Sentences above the fields. */
  readonly intro: readonly string[]
  readonly action: string
  /** What proves that the form is of this login. */
  readonly csrf: string | undefined
  readonly groups: readonly GroupView[]
  /** What its button says; undefined where there is nothing to send. */
  readonly submit: string | undefined
  readonly isDangerous: boolean
  /** Where one goes who does not want to. */
  readonly back: string | undefined
  readonly links: readonly { readonly title: string; readonly address: string }[]
  /** What is wrong with no field in particular. */
  readonly mistake: string | undefined
  readonly mistakeCount: number
}

/** What a page says of its form; the rest is the same for all. */
export interface FormOrder {
  readonly title: string
  readonly heading?: string
  readonly intro?: readonly string[]
  readonly groups: readonly FieldGroup[]
  /** Undefined: there is nothing to send. */
  readonly submit: string | undefined
  readonly isDangerous?: boolean
  readonly back?: string
  readonly links?: FormView['links']
}

/** What was typed wrong: by field, and otherwise. */
export class Mistakes extends Error {
  readonly byField: Readonly<Record<string, string>>
  readonly general: string | undefined
  readonly status: number

  constructor(byField: Readonly<Record<string, string>>, general?: string, status = 400) {
    super('a form has mistakes')
    this.status = status
    this.byField = byField
    this.general = general
  }
}

export const group = (...fields: readonly FormField[]): FieldGroup => ({ fields, isOpen: true })

/** With what is wrong at each field; a group in which something is wrong is open. */
export function viewGroup(
  { title, fields, isOpen }: FieldGroup,
  byField: Readonly<Record<string, string>>,
): GroupView {
  const shown = fields.map((field) => fieldView({ ...field, mistake: byField[field.name] }))
  return { title, fields: shown, isOpen: isOpen || shown.some(({ mistake }) => mistake) }
}
