/** Writes small tar files in memory, also ones that no honest tool would write. */

export interface TarEntry {
  readonly name: string | Uint8Array
  readonly content?: string | Uint8Array
  /** Default: file. */
  readonly type?: keyof typeof typeFlags
  readonly linkTo?: string
  /** A lie about the size. */
  readonly declaredSize?: number
}

const typeFlags = {
  file: '0',
  link: '1',
  symlink: '2',
  device: '3',
  directory: '5',
  fifo: '6',
  pax: 'x',
} as const

const BLOCK = 512

export function makeTar(entries: readonly TarEntry[]): Buffer {
  const parts = entries.flatMap((entry) => {
    const content = Buffer.from((entry.content ?? '') as string)
    const padding = Buffer.alloc((BLOCK - (content.length % BLOCK)) % BLOCK)
    return [header(entry, content.length), content, padding]
  })
  return Buffer.concat([...parts, Buffer.alloc(2 * BLOCK)])
}

function header(entry: TarEntry, size: number): Buffer {
  const bytes = Buffer.alloc(BLOCK)
  Buffer.from(entry.name as string).copy(bytes, 0, 0, 100)
  bytes.write('0000644\0', 100)
  bytes.write('0000000\0', 108)
  bytes.write('0000000\0', 116)
  bytes.write(octal(entry.declaredSize ?? size, 11), 124)
  bytes.write(octal(0, 11), 136)
  bytes.write(typeFlags[entry.type ?? 'file'], 156)
  bytes.write(entry.linkTo ?? '', 157, 100)
  bytes.write('ustar\0' + '00', 257)

  bytes.fill(' ', 148, 156) // the checksum counts its own field as spaces
  const sum = bytes.reduce((total, byte) => total + byte, 0)
  bytes.write(`${octal(sum, 6)} `, 148)
  return bytes
}

function octal(value: number, digits: number): string {
  return `${value.toString(8).padStart(digits, '0')}\0`
}
