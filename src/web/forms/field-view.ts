/** The model of the template `parts/field`: a field as HTML has it. */
import type { FormField, Input } from './form-view.ts'

export interface FieldView {
  /** What it is in HTML: `line` is an `input`, `area` a `textarea`. */
  readonly shape: 'hidden' | 'check' | 'line' | 'area' | 'select'
  readonly id: string
  readonly name: string
  readonly label: string
  /** The name under which programs set it, if they do. */
  readonly option: string | undefined
  readonly value: string
  readonly isRequired: boolean
  /** What is wrong with what was typed. */
  readonly mistake: string | undefined
  /** What stands in it, with code apart. */
  readonly doc: readonly { readonly text: string; readonly isCode: boolean }[]
  /** The ids of what describes it; empty where nothing does. */
  readonly describedBy: string
  /** Of a line. */
  readonly line: LineView
  /** Of an area: how high it is, whether it holds code, and lines that can be put in order. */
  readonly rows: number
  readonly isCode: boolean
  readonly isSortable: boolean
  /** Of a select. */
  readonly choices: readonly Choice[]
}

export interface LineView {
  /** As in `<input type=…>` */
  readonly type: 'text' | 'email' | 'password'
  readonly autocomplete: string
  readonly inputmode: 'text' | 'numeric' | 'url'
  readonly placeholder: string
}

export interface Choice {
  readonly value: string
  readonly title: string
  readonly isChosen: boolean
}

const shapes: Readonly<Partial<Record<Input['kind'], FieldView['shape']>>> = {
  hidden: 'hidden',
  check: 'check',
  flag: 'select',
  choice: 'select',
  select: 'select',
  list: 'area',
  document: 'area',
  pem: 'area',
  json: 'area',
  paragraph: 'area',
}

const lines: Readonly<Partial<Record<Input['kind'], Partial<LineView>>>> = {
  username: { autocomplete: 'username' },
  email: { type: 'email', autocomplete: 'email' },
  password: { type: 'password', autocomplete: 'current-password' },
  'new-password': { type: 'password', autocomplete: 'new-password' },
  secret: { type: 'password' },
  number: { inputmode: 'numeric' },
  address: { inputmode: 'url' },
}

const usualLine: LineView = {
  type: 'text',
  autocomplete: 'off',
  inputmode: 'text',
  placeholder: '',
}

export function fieldView(field: FormField): FieldView {
  const { name, label, option, input, value, mistake, isRequired = false } = field
  const id = `field-${name}`
  const described = [mistake ? `${id}-mistake` : '', field.doc ? `${id}-doc` : '']
  const isText = input.kind === 'paragraph'
  return {
    shape: shapes[input.kind] ?? 'line',
    id,
    name,
    label,
    option,
    value,
    isRequired,
    mistake,
    doc: partsOf(field.doc ?? ''),
    describedBy: described.filter((one) => one !== '').join(' '),
    line: {
      ...usualLine,
      ...lines[input.kind],
      ...(input.kind === 'text' && input.example && { placeholder: input.example }),
    },
    rows: isText ? 3 : Math.min(12, Math.max(2, value.split('\n', 12).length + 1)),
    isCode: !isText,
    isSortable: name === 'bases',
    choices: choicesOf(field),
  }
}

/** Between backticks stands code. */
const partsOf = (doc: string): FieldView['doc'] =>
  doc === '' ? [] : doc.split('`').map((text, at) => ({ text, isCode: at % 2 === 1 }))

function choicesOf({ input, value, isFixed }: FormField): Choice[] {
  const choice = (word: string, title = word): Choice => {
    return { value: word, title, isChosen: word === value }
  }
  const unset = isFixed ? [] : [choice('', 'as usual')]
  switch (input.kind) {
    case 'flag':
      return [...unset, choice('yes'), choice('no')]
    case 'choice':
      return [...unset, ...input.words.map((word) => choice(word))]
    case 'select':
      return input.words.map((word) => choice(word))
    default:
      return []
  }
}
