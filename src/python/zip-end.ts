/**
 * The frame of a zip file: where its directory stands. Readers differ in how much they forgive around
 * it, and so can be made to see different archives in one file; here nothing is forgiven.
 */
import { ArchiveProblem, hostile } from './archive-problem.ts'
import type { RandomAccess } from './archive-source.ts'

const END_SIZE = 22
const MAX_COMMENT = 0xffff
const ZIP64_LOCATOR_SIZE = 20
const ZIP64_END_SIZE = 56

const endSignature = Buffer.from('PK\x05\x06')
const zip64LocatorSignature = Buffer.from('PK\x06\x07')
const memberSignature = Buffer.from('PK\x03\x04')

/** Refuses what is no zip file, and bytes before, behind or between its parts. */
export async function assertWholeZip(file: RandomAccess): Promise<void> {
  const { size } = file
  const tailSize = Math.min(size, END_SIZE + MAX_COMMENT)
  const tail = await readAt(file, size - tailSize, tailSize)
  const at = tail.lastIndexOf(endSignature)
  if (at === -1 || tail.length - at < END_SIZE) {
    throw new ArchiveProblem('unreadable', 'the file is not a zip archive, or is cut short')
  }

  const end = tail.subarray(at)
  if (END_SIZE + end.readUInt16LE(20) !== end.length) {
    throw hostile('the archive has bytes behind its end')
  }
  if (!file.isPartial && !(await startsWithMember(file)))
    throw hostile('the archive has bytes before its start')

  const endPosition = size - end.length
  const locator = await readAt(file, endPosition - ZIP64_LOCATOR_SIZE, ZIP64_LOCATOR_SIZE)
  const directoryEnd = locator.subarray(0, 4).equals(zip64LocatorSignature)
    ? await zip64DirectoryEnd(file, endPosition, locator)
    : { expected: endPosition, actual: end.readUInt32LE(12) + end.readUInt32LE(16) }
  if (directoryEnd.expected !== directoryEnd.actual) {
    throw hostile('the directory of the archive is not where its end says')
  }
}

async function startsWithMember(file: RandomAccess): Promise<boolean> {
  const start = await readAt(file, 0, 4)
  return start.equals(memberSignature) || start.equals(endSignature) // the latter: an empty archive
}

interface DirectoryEnd {
  readonly expected: number
  readonly actual: number
}

async function zip64DirectoryEnd(
  file: RandomAccess,
  endPosition: number,
  locator: Buffer,
): Promise<DirectoryEnd> {
  const expected = endPosition - ZIP64_LOCATOR_SIZE - ZIP64_END_SIZE
  const record = await readAt(file, expected, ZIP64_END_SIZE)
  if (record.length < ZIP64_END_SIZE || locator.readBigUInt64LE(8) !== BigInt(expected)) {
    return { expected, actual: -1 }
  }
  return { expected, actual: Number(record.readBigUInt64LE(40) + record.readBigUInt64LE(48)) }
}

function readAt(file: RandomAccess, position: number, length: number): Promise<Buffer> {
  return file.bytesAt(Math.max(position, 0), length)
}
