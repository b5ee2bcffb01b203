/** Writes small zip files in memory, also ones that no honest tool would write. */
import { crc32, deflateRawSync } from 'node:zlib'

export interface ZipEntry {
  readonly name: string | Uint8Array
  readonly content?: string | Uint8Array
  /** Default: deflate. */
  readonly method?: 'store' | 'deflate'
  /** Sizes and checksum follow the content instead of standing before it. */
  readonly dataDescriptor?: boolean
  /** The name in the local header, where it is to differ from the directory's. */
  readonly localName?: string
  /** A lie about the size, in both headers. */
  readonly declaredSize?: number
  readonly comment?: string
  /** Unix mode with file type; default a plain file. */
  readonly mode?: number
}

export interface ZipOptions {
  /** Bytes before the archive; the offsets in the directory are not moved. */
  readonly prefix?: string | Uint8Array
  /** Bytes before the archive, with offsets that allow for them, as in a self-extracting archive. */
  readonly stub?: string | Uint8Array
  readonly trailing?: string | Uint8Array
  readonly comment?: string
  readonly declaredEntries?: number
}

/** 1980-01-01, the first moment a zip can hold: equal input makes equal bytes. */
const DOS_DATE = 33
const UTF8_NAMES = 0x800
const DATA_DESCRIPTOR = 0x8

export function makeZip(entries: readonly ZipEntry[], options: ZipOptions = {}): Buffer {
  const stub = toBytes(options.stub)
  const parts: Buffer[] = [toBytes(options.prefix), stub]
  const directory: Buffer[] = []
  let offset = stub.length

  for (const entry of entries) {
    const [local, central] = writeEntry(entry, offset)
    parts.push(local)
    directory.push(central)
    offset += local.length
  }

  const central = Buffer.concat(directory)
  const comment = toBytes(options.comment)
  const end = Buffer.alloc(22)
  end.writeUInt32LE(0x06054b50, 0)
  end.writeUInt16LE(options.declaredEntries ?? entries.length, 8)
  end.writeUInt16LE(options.declaredEntries ?? entries.length, 10)
  end.writeUInt32LE(central.length, 12)
  end.writeUInt32LE(offset, 16)
  end.writeUInt16LE(comment.length, 20)
  return Buffer.concat([...parts, central, end, comment, toBytes(options.trailing)])
}

function writeEntry(entry: ZipEntry, offset: number): [local: Buffer, central: Buffer] {
  const content = toBytes(entry.content)
  const isStored = entry.method === 'store'
  const body = isStored ? content : deflateRawSync(content)
  const name = toBytes(entry.name)
  const localName = entry.localName === undefined ? name : toBytes(entry.localName)
  const comment = toBytes(entry.comment)

  const fields = Buffer.alloc(26)
  fields.writeUInt16LE(20, 0) // version needed
  fields.writeUInt16LE(UTF8_NAMES | (entry.dataDescriptor ? DATA_DESCRIPTOR : 0), 2)
  fields.writeUInt16LE(isStored ? 0 : 8, 4)
  fields.writeUInt16LE(DOS_DATE, 8)
  fields.writeUInt32LE(crc32(content), 10)
  fields.writeUInt32LE(body.length, 14)
  fields.writeUInt32LE(entry.declaredSize ?? content.length, 18)
  const sizes = Buffer.from(fields.subarray(10, 22))

  const localFields = Buffer.from(fields)
  if (entry.dataDescriptor) localFields.fill(0, 10, 22)
  localFields.writeUInt16LE(localName.length, 22)
  fields.writeUInt16LE(name.length, 22)

  const attributes = Buffer.alloc(14)
  attributes.writeUInt16LE(comment.length, 0)
  attributes.writeUInt32LE((((entry.mode ?? 0o100644) & 0xffff) << 16) >>> 0, 6)
  attributes.writeUInt32LE(offset, 10)

  const descriptor = entry.dataDescriptor ? [signature(0x08074b50), sizes] : []
  return [
    Buffer.concat([signature(0x04034b50), localFields, localName, body, ...descriptor]),
    Buffer.concat([signature(0x02014b50), madeByUnix, fields, attributes, name, comment]),
  ]
}

const madeByUnix = Buffer.from([20, 3])

function signature(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return bytes
}

function toBytes(content: string | Uint8Array = ''): Buffer {
  return Buffer.from(content as string) // a string as UTF-8, bytes as a copy
}
