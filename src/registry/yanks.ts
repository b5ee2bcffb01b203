/** Yanking (PEP 592): files stay where they are, for those who name their version exactly; nobody else gets them. */
import { refuse } from '#base/refusal'
import type { WriteTransaction } from '#ledger/transaction'
import { getIndex } from './indexes.ts'
import { keys } from './keys.ts'
import { releaseOf } from './release-links.ts'
import type { ReleasePlace } from './release-removal.ts'

/** A release, or one file of it. */
export interface YankPlace extends ReleasePlace {
  readonly filename?: string | undefined
}

const LONGEST_REASON = 1000

/** Why something is yanked, on one line; `true` where nothing is said. */
export function readYankReason(text: string): true | string {
  const reason = text.toWellFormed().replaceAll(/\p{Cc}+/gu, ' ')
  if (reason.length > LONGEST_REASON) {
    throw refuse('bad-request', {
      reason: `The reason is longer than ${LONGEST_REASON} characters.`,
    })
  }
  return reason.trim() || true
}

/**
 * Yanks the files of a release on the index itself, for a reason or none, or makes it undone (`undefined`). Returns
 * the files that are changed by it. What a mirror has is yanked upstream.
 */
export async function setYank(
  tx: WriteTransaction,
  place: YankPlace,
  yanked: true | string | undefined,
): Promise<string[]> {
  const { index, project, version, filename } = place
  if ((await getIndex(tx, index)).type === 'mirror') throw refuse('yank-on-mirror', { index })
  const files = await tx.list(keys.files(index, project))
  const meant = files.filter(
    ({ name, value }) =>
      releaseOf(value) === version && (filename === undefined || name === filename),
  )
  if (meant.length === 0) {
    throw filename === undefined
      ? refuse('release-not-on-index', { version, project, index })
      : refuse('file-missing')
  }
  const changed = meant.filter(({ value }) => value.yanked !== yanked)
  for (const { name, value } of changed) {
    const { yanked: _before, ...kept } = value
    tx.set(keys.file(index, project, name), yanked === undefined ? kept : { ...kept, yanked })
  }
  return changed.map(({ name }) => name)
}
