/** Puts a refusal beside the field that it is about. */
import { Refusal, type RefusalCode } from '#base/refusal'
import { refusalRows } from '#http/refusal-reply'
import { Mistakes } from './form-view.ts'

export type FieldOf = Readonly<Partial<Record<RefusalCode, string>>>

export async function atField<T>(fieldOf: FieldOf, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    const field = error instanceof Refusal ? fieldOf[error.code] : undefined
    if (!(error instanceof Refusal) || field === undefined) throw error
    throw new Mistakes({ [field]: error.message }, undefined, refusalRows[error.code].status)
  }
}

/** Whether bases are there is found out when all is written. */
export async function atOption<T>(fieldOf: FieldOf, work: () => Promise<T>): Promise<T> {
  try {
    return await atField({ 'index-option-invalid': 'bases', ...fieldOf }, work)
  } catch (error) {
    const { bases } = error instanceof Mistakes ? error.byField : {}
    if (bases === undefined || bases.includes('base index')) throw error
    throw new Mistakes({}, bases)
  }
}
