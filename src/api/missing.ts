/** Telling apart what is thrown where there is nothing. */
import { Refusal } from '#base/refusal'

/** Neither the index nor its bases have the project, or there is no such index. */
export const isProjectMissing = (error: unknown): boolean =>
  error instanceof Refusal && ['project-missing', 'index-missing'].includes(error.code)
