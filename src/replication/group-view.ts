/**
 * What members of a group tell each other of it: who writes, in which epoch, and how that began. Each side signs what it
 * says, as one frame, with the key of the token that the question came with.
 */
import type { Serial } from '#ledger/key'
import { WireProblem } from './change-text.ts'
import { FrameReader, FrameWriter, memberKinds } from './frames.ts'

/** How an epoch began: somebody was promoted. */
export interface EpochStart {
  readonly epoch: number
  /** Of its first change. */
  readonly serial: Serial
  /** Of the change before that. */
  readonly hashBefore: string
  /** Of the server that was promoted. */
  readonly uuid: string
}

export interface GroupView {
  /** Of the server that tells it. */
  readonly uuid: string
  readonly isPrimary: boolean
  /** The latest that it knows of. */
  readonly epoch: number
  /** Of its last change. */
  readonly serial: Serial
  /** Where changes are to be sent, as far as it knows. */
  readonly primaryUrl?: string | undefined
  /** Those in its history, in their order. */
  readonly starts: readonly EpochStart[]
  /** In a question: of which change the hash is wanted. */
  readonly wanted?: Serial | undefined
  /** In an answer: that hash, where there is such a change. */
  readonly hash?: string | undefined
}

/** More than any history of a group needs. */
export const LARGEST_VIEW = 1024 * 1024

/** An answer is signed as another kind than its question: nobody can send a question back as its answer. */
export function printView(key: Uint8Array, kind: 'question' | 'answer', view: GroupView): Buffer {
  return new FrameWriter(key).write(kind === 'question' ? 'Q' : 'A', JSON.stringify(view))
}

/** Throws `WireProblem` for what nobody of the group has sent. */
export function parseView(
  key: Uint8Array,
  kind: 'question' | 'answer',
  bytes: Uint8Array,
): GroupView {
  const reader = new FrameReader(key, memberKinds)
  const [frame] = reader.push(bytes)
  if (frame?.kind !== (kind === 'question' ? 'Q' : 'A') || !reader.isBetweenFrames) {
    throw new WireProblem(`it is no ${kind} of a member of the group`)
  }
  return JSON.parse(frame.payload.toString()) as GroupView
}
