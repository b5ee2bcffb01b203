/** The compressed forms of a page, each made at most once. */
import { promisify } from 'node:util'
import {
  brotliCompress,
  brotliCompressSync,
  constants,
  gzip,
  gzipSync,
  zstdCompress,
  zstdCompressSync,
} from 'node:zlib'

export type Coding = 'identity' | 'gzip' | 'br' | 'zstd'

type Compressed = Exclude<Coding, 'identity'>

/** Compressed at once: handing it to another thread would take several times as long. */
const SMALL = 8 * 1024

const likeGzip = { level: 6 }
const likeBrotli = { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } }

const atOnce: Readonly<Record<Compressed, (body: Buffer) => Buffer>> = {
  gzip: (body) => gzipSync(body, likeGzip),
  br: (body) => brotliCompressSync(body, likeBrotli),
  zstd: (body) => zstdCompressSync(body),
}

const behind: Readonly<Record<Compressed, (body: Buffer) => Promise<Buffer>>> = {
  gzip: (body) => promisify(gzip)(body, likeGzip),
  br: (body) => promisify(brotliCompress)(body, likeBrotli),
  zstd: (body) => promisify(zstdCompress)(body),
}

export const compress = (body: Buffer, coding: Compressed): Buffer | Promise<Buffer> =>
  (body.length <= SMALL ? atOnce : behind)[coding](body)
