/** The index that a form is sent to, and the answer once what it brought is kept. */
import { refuse } from '#base/refusal'
import type { Answer, Call } from '#http/route'
import type { ReadTransaction } from '#ledger/transaction'
import { assertMayUpload, mayUpload } from '#registry/access'
import { getIndex, indexName, type IndexName, type StageEntry } from '#registry/indexes'

/** The stage that may be uploaded to; asked again whenever time has passed. */
export async function getStage(tx: ReadTransaction, call: Call): Promise<StageEntry> {
  const entry = await getIndex(tx, nameOf(call))
  if (entry.type === 'mirror') throw refuse('upload-to-mirror')
  const isLoginWrong = call.credentialsSent && call.who.user === undefined
  if (isLoginWrong && !mayUpload(entry, call.who)) throw refuse('upload-login-wrong')
  assertMayUpload(entry, call.who)
  return entry
}

export const nameOf = ({ params: { user = '', index = '' } }: Call): IndexName =>
  indexName(user, index)

/** Clients require 200 exactly, and show nothing of the body. */
export function uploadDone({ isRepeat }: { isRepeat: boolean }): Answer {
  return {
    status: 200,
    reason: isRepeat ? 'Upload of identical file to non volatile index.' : undefined,
    headers: { 'Content-Type': 'text/html; charset=UTF-8' },
    body: '',
  }
}
