/** Any JSON in a field of a form. */
import { Mistakes } from './form-view.ts'

export const printJsonField = (value: unknown): string =>
  value === undefined ? '' : JSON.stringify(value, null, 2)

/** Undefined where nothing stands there. */
export function parseJsonField(name: string, text: string): unknown {
  if (text.trim() === '') return undefined
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new Mistakes({ [name]: `This is no JSON: ${(error as Error).message}` })
  }
}
