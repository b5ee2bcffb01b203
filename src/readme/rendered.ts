/** What goes into a rendering, and what comes out. */
import type { DescriptionType } from './content-type.ts'

/** Whether images of other hosts are loaded, or stand as links until the reader asks for them. */
export type Images = 'link' | 'show'

export interface Description {
  readonly text: string
  /** The field Description-Content-Type, with its parameters. */
  readonly contentType?: string | undefined
  /** Links, unless told otherwise. */
  readonly images?: Images | undefined
}

/** A description that takes more than escaping. */
export interface Source {
  readonly text: string
  readonly type: DescriptionType
  readonly images: Images
}

export interface RenderedReadme {
  /** Safe to print into a page as it is. */
  readonly html: string
  readonly kind: 'markdown' | 'rst' | 'plain'
  /** Why a text is shown plain that was meant for more. */
  readonly note?: string
  /** Asked again in a moment, it is likely more. */
  readonly isPassing?: true
}
