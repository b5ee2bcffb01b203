/** The fields of a user in a form. */
import type { UserView } from '#registry/users'
import { Mistakes, type FormField } from './form-view.ts'
import { parseJsonField, printJsonField } from './json-field.ts'

export function ownFields(
  typed: URLSearchParams | undefined,
  known: UserView | undefined,
): FormField[] {
  const text = (name: 'title' | 'email' | 'description'): string =>
    typed?.get(name) ?? known?.[name] ?? ''
  return [
    { name: 'title', label: 'Title', input: { kind: 'text' }, value: text('title') },
    { name: 'email', label: 'Mail', input: { kind: 'email' }, value: text('email') },
    {
      name: 'description',
      label: 'Description',
      input: { kind: 'paragraph' },
      value: text('description'),
    },
    {
      name: 'custom_data',
      label: 'Custom data',
      input: { kind: 'json' },
      value: typed?.get('custom_data') ?? printJsonField(known?.custom_data),
      doc: 'Any JSON, for themes and tools.',
    },
  ]
}

/** Empty ones are taken away. */
export function readOwnFields(typed: URLSearchParams): Record<string, unknown> {
  const text = (name: string): string => (typed.get(name) ?? '').replaceAll('\r\n', '\n').trim()
  return {
    title: text('title'),
    email: text('email'),
    description: text('description'),
    custom_data: parseJsonField('custom_data', typed.get('custom_data') ?? '') ?? null,
  }
}

export const passwordFields = (): FormField[] => [
  {
    name: 'password',
    label: 'Password',
    input: { kind: 'new-password' },
    value: '',
    isRequired: true,
  },
  {
    name: 'again',
    label: 'The same again',
    input: { kind: 'new-password' },
    value: '',
    isRequired: true,
  },
]

export function readNewPassword(typed: URLSearchParams): string {
  const password = typed.get('password') ?? ''
  if (password === '') throw new Mistakes({ password: 'A password is needed.' })
  if (typed.get('again') !== password) throw new Mistakes({ again: 'The two are not the same.' })
  return password
}
