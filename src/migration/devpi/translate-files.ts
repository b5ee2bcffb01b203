/** Single files of devpi: what is gone, and what is to be fetched. */
import type { ReadTransaction, WriteTransaction } from '#ledger/transaction'
import { findFile } from '#registry/file-path'
import type { IndexName } from '#registry/indexes'
import { keys, type FilePlace } from '#registry/keys'
import { removeRange } from '#registry/remove-range'
import { findStored } from '#registry/stored'
import { readRelpath } from './file-facts.ts'
import { devpiKeys, type Coming } from './keys.ts'

/** Which files a change asks for, and which are not wanted any more, by devpi's path. */
export interface FileWishes {
  readonly wanted: Map<string, Coming>
  readonly unwanted: Set<string>
}

/** A test result of devpi, also of old ones: `NAME.toxresult-20261125203500-0`, `NAME.toxresult0`. */
export const isToxresult = (filename: string): boolean =>
  /\.toxresult(?:-\d{14}-)?\d+$/.test(filename)

/** Notes that the bytes are to be fetched. */
export function wish(
  tx: WriteTransaction,
  wishes: FileWishes,
  relpath: string,
  coming: Coming,
): void {
  tx.set(devpiKeys.coming(relpath), coming)
  wishes.wanted.set(relpath, coming)
  wishes.unwanted.delete(relpath)
}

function unwish(tx: WriteTransaction, wishes: FileWishes, relpath: string): void {
  tx.remove(devpiKeys.coming(relpath))
  wishes.unwanted.add(relpath)
  wishes.wanted.delete(relpath)
}

/** What lay at the path is gone. */
export async function removeAt(
  tx: WriteTransaction,
  wishes: FileWishes,
  relpath: string,
): Promise<void> {
  const address = readRelpath(relpath)
  if (!address) return
  unwish(tx, wishes, relpath)
  tx.remove(devpiKeys.unlisted(relpath))
  const found = await findStored(tx, address)
  if (found?.rel === 'releasefile') await removeFile(tx, found.file)
  else if (found?.rel === 'doczip') tx.remove(keys.docs(found.index, found.project, found.version))
  else if (found?.rel === 'toxresult') tx.remove(keys.toxresult(found.of, found.filename))
}

export async function removeFile(tx: WriteTransaction, file: FilePlace): Promise<void> {
  tx.remove(keys.file(file.index, file.project, file.filename))
  await removeRange(tx, keys.toxresultsOfFile(file))
}

/** Everything of a project that may be left. */
export async function removeProject(
  tx: WriteTransaction,
  index: IndexName,
  project: string,
): Promise<void> {
  tx.remove(keys.project(index, project))
  await removeRange(tx, keys.versions(index, project))
  await removeRange(tx, keys.files(index, project))
  await removeRange(tx, keys.docsOf(index, project))
  await removeRange(tx, keys.toxresults(index, project))
}

/** Whether what a file was fetched for is still wanted, in the state that the transaction sees. */
export async function isStillComing(
  tx: ReadTransaction,
  relpath: string,
): Promise<Coming | undefined> {
  const coming = await tx.get(devpiKeys.coming(relpath))
  if (coming?.rel !== 'toxresult') return coming
  const address = readRelpath(relpath)
  const tested =
    address && (await findFile(tx, address.index, address.folder, coming.file.filename))
  return tested && coming
}
