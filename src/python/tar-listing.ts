/** The members of a tar, gzipped or not, for people who look, and the first bytes of one. Read as a stream. */
import { pipeline, type Readable } from 'node:stream'
import { crc32, createGunzip } from 'node:zlib'
import {
  ListingBuilder,
  listingLimits,
  tooLong,
  type ArchiveListing,
  type IsOver,
  type MemberKind,
} from './archive-listing.ts'
import { archiveLimits, ArchiveProblem, asArchiveProblem } from './archive-problem.ts'
import type { MemberBytes } from './member-bytes.ts'
import { TarReader, type MemberSink, type TarHead } from './tar-reader.ts'

export interface TarBytes {
  /** Destroyed when the look ends. */
  readonly stream: Readable
  readonly isGzipped: boolean
}

/** Only a failing disk makes this fail. */
export async function listTar(tar: TarBytes, isOver: IsOver): Promise<ArchiveListing> {
  const listing = new ListingBuilder()
  try {
    await walk(tar, isOver, (head) => {
      const kind = kindOf(head.type)
      let sum = 0
      return {
        take: (chunk) => void (sum = crc32(chunk, sum)),
        // A member that is cut short is not listed: nobody knows what it is.
        end: () =>
          listing.add({ ...memberOf(head, kind), crc32: kind === 'file' ? sum : undefined }),
      }
    })
    return listing.end()
  } catch (error) {
    if (error instanceof ArchiveProblem) return listing.end(error.reason)
    throw error
  }
}

/** Up to `limit` bytes of the member at that place of the listing; undefined where there is none. */
export async function readTarMember(
  tar: TarBytes,
  { at, limit, isOver }: { readonly at: number; readonly limit: number; readonly isOver: IsOver },
): Promise<MemberBytes | undefined> {
  const listing = new ListingBuilder()
  const chunks: Buffer[] = []
  let size = 0
  let isFound = false
  let isDone = false
  const wanted: MemberSink = {
    take(chunk) {
      if (size <= limit) chunks.push(Buffer.from(chunk))
      size += chunk.length
      isDone ||= size > limit
    },
    end: () => void (isDone = true),
  }
  const onMember = (head: TarHead): MemberSink => {
    const before = listing.size
    listing.add({ ...memberOf(head, kindOf(head.type)), crc32: undefined })
    isFound ||= before === at && listing.size > at
    return before === at && listing.size > at ? wanted : nobody
  }
  await walk(tar, isOver, onMember, () => isDone)
  if (!isFound) return undefined
  return { bytes: Buffer.concat(chunks).subarray(0, limit), isWhole: size <= limit }
}

const nobody: MemberSink = { take() {}, end() {} }

type OnMember = (head: TarHead) => MemberSink

async function walk(
  { stream, isGzipped }: TarBytes,
  isOver: IsOver,
  onMember: OnMember,
  isDone: () => boolean = () => false,
): Promise<void> {
  const reader = new TarReader(onMember)
  const gunzip = isGzipped ? createGunzip(CHUNK) : undefined
  // The callback has nothing to do: the same error ends the loop below.
  const unpacked = gunzip ? pipeline(stream, gunzip, () => {}) : stream
  let size = 0
  await asArchiveProblem(async () => {
    for await (const chunk of unpacked as AsyncIterable<Buffer>) {
      size += chunk.length
      reader.write(chunk)
      if (reader.isEnded || isDone()) return
      if (isTooMuch(size, gunzip?.bytesWritten) || isOver()) throw tooLong()
    }
    reader.end()
  }).finally(() => stream.destroy())
}

const CHUNK = { chunkSize: 64 * 1024 }

function isTooMuch(unpacked: number, packed = unpacked): boolean {
  const { freeBytes, ratio } = archiveLimits
  return unpacked > listingLimits.bytes || (unpacked > freeBytes && unpacked > packed * ratio)
}

const kinds: Readonly<Record<string, MemberKind>> = {
  File: 'file',
  OldFile: 'file',
  ContiguousFile: 'file',
  Directory: 'folder',
  Link: 'link',
  SymbolicLink: 'link',
}

const kindOf = (type: string): MemberKind => kinds[type] ?? 'special'

function memberOf({ name, size, modifiedAt, linkTo }: TarHead, kind: MemberKind) {
  const target = kind === 'link' ? linkTo?.slice(0, listingLimits.longestName) : undefined
  return { name, kind, size, modifiedAt, linkTo: target, place: undefined }
}
