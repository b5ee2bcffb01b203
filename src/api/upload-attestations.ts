/** The attestations that come with an upload (PEP 740): kept as they are, for whoever verifies them later. */
import { refuse } from '#base/refusal'
import type { StageEntry } from '#registry/indexes'
import type { UploadForm } from './upload-form.ts'

/** The bytes to keep, if there are any. Refuses what could never be a list of attestations. */
export function readAttestations(form: UploadForm, stage: StageEntry): Buffer | undefined {
  const sent = form.field('attestations')
  if (sent === undefined) return undefined
  const count = countObjects(sent)
  if (count === undefined) throw invalid('not a JSON array of objects')
  if (count > 0) return Buffer.from(sent)
  if (stage.strict_uploads) throw invalid('the list is empty')
  return undefined
}

function countObjects(text: string): number | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return Array.isArray(value) && value.every(isObject) ? value.length : undefined
  } catch {
    return undefined // no JSON at all
  }
}

const isObject = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const invalid = (why: string) =>
  refuse('upload-invalid', {
    reason: `attestations: Invalid attestations supplied during upload: ${why}`,
  })
