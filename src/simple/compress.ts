/** The compressed forms of a page, each made at most once. */
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip, zstdCompress } from 'node:zlib'

export type Coding = 'identity' | 'gzip' | 'br' | 'zstd'

const compressors: Readonly<
  Record<Exclude<Coding, 'identity'>, (body: Buffer) => Promise<Buffer>>
> = {
  gzip: (body) => promisify(gzip)(body, { level: 6 }),
  br: (body) =>
    promisify(brotliCompress)(body, { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } }),
  zstd: (body) => promisify(zstdCompress)(body),
}

export const compress = (body: Buffer, coding: Exclude<Coding, 'identity'>): Promise<Buffer> =>
  compressors[coding](body)
