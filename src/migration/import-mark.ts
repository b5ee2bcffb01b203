/** What tells, in a data folder, that something is being taken over into it, or was. */
import { markFile } from '#base/mark-file'

export interface ImportMark {
  readonly kind: 'devpi export' | 'devpi server' | 'dump'
  /** The folder that it comes from. */
  readonly source: string
  /** Nobody may be shown a half of it. */
  readonly isFinished: boolean
}

const file = markFile<ImportMark>('import.json')

/** Undefined for a folder that nothing was taken over into. */
export const findImportMark = file.find

/** The folder must exist. */
export const writeImportMark = file.write
