/** Adds an uploaded file to its index: first the bytes, then the key. */
import { Readable } from 'node:stream'
import { sha256, type Sha256 } from '#base/digest'
import { refuse } from '#base/refusal'
import type { Call } from '#http/route'
import type { ReadTransaction } from '#ledger/transaction'
import { addFile, judgeUpload, type Upload } from '#registry/files'
import type { StageEntry } from '#registry/indexes'
import type { Parts } from './parts.ts'
import { readAttestations } from './upload-attestations.ts'
import type { UploadForm } from './upload-form.ts'
import { readUpload } from './upload-reading.ts'
import { assertOnlySdist, assertStrictPlace } from './upload-strict.ts'
import { getStage, nameOf } from './upload-target.ts'
import { actorOf } from './users.ts'

export interface Adding {
  readonly form: UploadForm
  readonly stage: StageEntry
  /** Ends when the write begins. */
  readonly coming?: Disposable
}

/** `isRepeat`: it was there already, on an index that is not volatile. */
export async function addUpload(
  { ledger, blobs }: Pick<Parts, 'ledger' | 'blobs'>,
  call: Call,
  { form, stage, coming }: Adding,
): Promise<{ readonly isRepeat: boolean }> {
  const { content } = form
  if (!content) throw refuse('upload-invalid', { reason: 'content file field not found' })
  const attestations = readAttestations(form, stage)
  const upload = await readUpload(form, content, stage)

  // Asked before the bytes are kept, so that what is refused leaves nothing, and again with the write.
  const foreseen = await ledger.read((tx) => foresee(tx, call, upload))
  // First the bytes, then the key: a key without its blob must not happen.
  await content.keep()
  const isNew = foreseen !== 'changes nothing'
  const kept = attestations && isNew ? await keepBytes(blobs, attestations) : undefined
  coming?.[Symbol.dispose]()
  const outcome = await ledger.write(actorOf(call), async (tx) => {
    const now = await getStage(tx, call)
    if (now.strict_uploads) await assertStrictPlace(tx, nameOf(call), upload)
    return addFile(tx, nameOf(call), now, { ...upload, attestations: kept }, call.who.user)
  })
  return { isRepeat: outcome === 'unchanged' && !stage.volatile }
}

/** Kept as they came (PEP 740); nothing serves them yet. */
async function keepBytes(blobs: Parts['blobs'], bytes: Buffer): Promise<Sha256> {
  const staged = await blobs.stage(Readable.from([bytes]))
  await staged.keep()
  return sha256(bytes)
}

/** What the write would do, with what would take too long while others wait to write. */
async function foresee(
  tx: ReadTransaction,
  call: Call,
  upload: Upload,
): ReturnType<typeof judgeUpload> {
  const stage = await getStage(tx, call)
  if (stage.strict_uploads) {
    await assertOnlySdist(tx, nameOf(call), upload)
    await assertStrictPlace(tx, nameOf(call), upload)
  }
  return judgeUpload(tx, nameOf(call), stage, upload)
}
