/** A field in which one types the name of what is to be deleted. */
import { Mistakes, type FormField } from './form-view.ts'

export const confirmation = (name: string, typed: URLSearchParams | undefined): FormField => ({
  name: 'confirm',
  label: `Type ${name} to confirm`,
  input: { kind: 'text' },
  value: typed?.get('confirm') ?? '',
  isRequired: true,
})

export function readConfirmation(name: string, typed: URLSearchParams): void {
  if (typed.get('confirm')?.trim() === name) return
  throw new Mistakes({ confirm: `This is not ${name}. Nothing was deleted.` })
}

/** For what an index that is not volatile is to be spared of. */
export const forcing = (typed: URLSearchParams | undefined): FormField => ({
  name: 'force',
  label: 'Delete it though the index is not volatile',
  input: { kind: 'check' },
  value: typed?.get('force') ?? '',
  isRequired: true,
})

export const isForced = (typed: URLSearchParams): boolean => typed.get('force') === 'yes'
