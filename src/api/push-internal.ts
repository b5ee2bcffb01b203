/** Pushing a release to an index of this server: all of it in one change, or nothing. */
import { refuse } from '#base/refusal'
import { actorName, type Identity } from '#base/identity'
import type { ReadTransaction, WriteTransaction } from '#ledger/transaction'
import { mayUpload } from '#registry/access'
import { getIndex, type IndexName, type StageEntry } from '#registry/indexes'
import type { MayRead } from '#registry/reading'
import { addReleaseCopy, getReleaseCopy } from '#registry/push'
import type { HiddenFile, PushedLink, PushOrder, ReleaseCopy } from '#registry/push'
import type { Policies } from '#registry/policies'
import type { Parts } from './parts.ts'
import { bringFiles, findCopy, isSameCopy } from './push-source.ts'
import { assertOnlySdist, assertStrictPlace } from './upload-strict.ts'

export interface InternalPush {
  readonly order: PushOrder
  readonly target: IndexName
  readonly who: Identity
  /** For the ledger. */
  readonly actor: string
  /** What is there already with the same bytes is no conflict. */
  readonly keepsSame: boolean
}

/** What was copied, and what a policy kept back. */
export interface Pushed {
  readonly links: readonly PushedLink[]
  readonly hidden: readonly HiddenFile[]
}

/** How often a release that changes all the time is looked at. */
const MOST_LOOKS = 5

export interface Target {
  readonly target: IndexName
  readonly who: Identity
  /** Undefined: all. */
  readonly mayRead: MayRead | undefined
}

/** The stage that is pushed to. Refuses who may not upload to it: nobody may to a mirror. */
export async function getTarget(
  tx: ReadTransaction,
  { target: index, who, mayRead }: Target,
): Promise<StageEntry> {
  const entry = await getIndex(tx, index)
  if (mayRead?.(index) === false) throw refuse('index-missing', { index })
  if (entry.type === 'stage' && mayUpload(entry, who)) return entry
  throw refuse('push-forbidden', { user: who.user, index })
}

/** The release as it stands now: for who has looked nothing up. */
export async function pushRelease(
  parts: Parts,
  who: Identity,
  { order, target }: Pick<InternalPush, 'order' | 'target'>,
): Promise<Pushed> {
  const copy = await findCopy(parts, order)
  const push = { order, target, who, actor: actorName(who), keepsSame: false }
  return pushInternally(parts, push, copy)
}

/** Begins with a copy that was just looked up, so that its refusals come first. */
export async function pushInternally(
  parts: Parts,
  push: InternalPush,
  found: ReleaseCopy,
): Promise<Pushed> {
  let copy = found
  const target: Target = { ...push, mayRead: await parts.reading.seenBy(push.who) }
  for (let look = 1; look <= MOST_LOOKS; look++) {
    const stage = await parts.ledger.read(async (tx) => {
      const entry = await getTarget(tx, target)
      if (entry.strict_uploads) await assertStrictTarget(tx, push, copy)
      return entry
    })
    const isStrict = stage.strict_uploads === true
    const ready = await bringFiles(parts, copy, { order: push.order, isStrict })
    const pushed = await parts.ledger.write(push.actor, (tx) =>
      commit(tx, { ...push, ...target }, { copy: ready, isStrict, policies: parts.policies }),
    )
    if (pushed) return { links: pushed, hidden: ready.hidden }
    copy = await findCopy(parts, push.order)
  }
  throw refuse('push-invalid', { reason: 'the release was changed while it was pushed' })
}

/** Undefined if what was looked into is no longer what is there. */
async function commit(
  tx: WriteTransaction,
  push: InternalPush & Target,
  {
    copy,
    isStrict,
    policies,
  }: { readonly copy: ReleaseCopy; readonly isStrict: boolean; readonly policies: Policies },
): Promise<PushedLink[] | undefined> {
  const stage = await getTarget(tx, push)
  if ((stage.strict_uploads === true) !== isStrict) return undefined
  if (isStrict) await assertStrictNames(tx, push, copy)
  // A mirror's links may have changed meanwhile: what they were stands for itself.
  const now = copy.isMirrored ? copy : await getReleaseCopy(tx, policies, push.order)
  if (!isSameCopy(now, copy)) return undefined
  const { target: index, who, keepsSame } = push
  return addReleaseCopy(tx, push.order, now, { index, stage, who: who.user, keepsSame })
}

async function assertStrictTarget(
  tx: ReadTransaction,
  push: InternalPush,
  copy: ReleaseCopy,
): Promise<void> {
  const { target, order } = push
  if (copy.docs) {
    const reason = `${target} has strict_uploads and takes no documentation: push with no_docs`
    throw refuse('push-invalid', { reason })
  }
  const sdists = copy.files.filter(({ filename }) => !filename.endsWith('.whl'))
  if (sdists.length > 1) {
    throw refuse('upload-invalid', { reason: 'Only one sdist may be uploaded per release.' })
  }
  for (const { filename, entry } of sdists) {
    const place = { project: order.project, filename, fileVersion: entry.version }
    await assertOnlySdist(tx, target, place)
  }
  await assertStrictNames(tx, push, copy)
}

async function assertStrictNames(
  tx: ReadTransaction,
  { target, order: { project } }: InternalPush,
  copy: ReleaseCopy,
): Promise<void> {
  for (const { filename } of copy.files) await assertStrictPlace(tx, target, { project, filename })
}
