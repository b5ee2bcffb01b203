/** The same wheels as other files: who has one of them does not have the other. */
import type { RealWheel } from '../../test/support/real-tree.ts'

const END_SIZE = 22
const COMMENT = Buffer.from('other')

/** Each has a comment at its end, which installers do not look at. */
export const otherWheels = (wheels: readonly RealWheel[]): RealWheel[] =>
  wheels.map((wheel) => ({ ...wheel, bytes: withComment(wheel.bytes, wheel.filename) }))

function withComment(bytes: Buffer, filename: string): Buffer {
  const end = bytes.length - END_SIZE
  if (bytes.readUInt32LE(end) !== 0x06054b50) throw new Error(`${filename} has a comment already`)
  const other = Buffer.concat([bytes, COMMENT])
  other.writeUInt16LE(COMMENT.length, end + 20)
  return other
}
