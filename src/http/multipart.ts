/** Forms (`multipart/form-data`, RFC 7578) as they stream in: fields are collected, files handed on. */
import { Busboy, type BusboyInstance } from '@fastify/busboy'
import type { IncomingMessage } from 'node:http'
import type { Readable } from 'node:stream'
import { refuse } from '#base/refusal'
import { bodyRoom, type BodyRoom } from './body-room.ts'
import { endedEarly } from './body.ts'
import type { Call } from './route.ts'

export interface FormLimits {
  readonly fields: number
  /** Bytes of one field. */
  readonly fieldSize: number
  /** Bytes of all fields together. */
  readonly totalFieldSize: number
  readonly files: number
}

/** Long descriptions and long lists of requirements are in the field; more is somebody's mistake. */
export const usualLimits: FormLimits = {
  fields: 10_000,
  fieldSize: 8 * 1024 * 1024,
  totalFieldSize: 32 * 1024 * 1024,
  files: 10,
}

export interface FilePart {
  /** As sent: slashes, `..` and control characters included, for the caller to refuse. */
  readonly filename: string
  /** `text/plain` if the part has none. */
  readonly contentType: string
  /** What stood before it in the form. */
  readonly before: Form['fields']
}

export interface FormOptions {
  readonly limits?: Partial<FormLimits>
  /** For what is no file; the server's. */
  readonly room?: BodyRoom
  /**
   * Takes the file while the form is read; what it leaves is read and thrown away. When it fails, so
   * does the form.
   */
  onFile(field: string, part: FilePart, stream: Readable): Promise<void>
}

export interface Form {
  /** In the order of the form; a name may come several times. */
  readonly fields: ReadonlyMap<string, readonly string[]>
  /** Names of the fields that were sent as files. */
  readonly fileFields: readonly string[]
}

const longestName = 200
const longestFilename = 1000
const longestEpilogue = 64 * 1024

/**
 * Reads the form to its end. Refuses what is no form, ends early or is over a limit; by then every
 * file stream has been destroyed and every `onFile` has settled.
 */
export async function readForm(call: Call, options: FormOptions): Promise<Form> {
  const limits = { ...usualLimits, ...options.limits }
  const parser = openParser(call, limits)
  const reader = new FormReader(limits, options)
  const holding = (options.room ?? bodyRoom).enter()

  try {
    await reader.read(call.raw, parser, (bytes) => holding.add(bytes))
    await skipEpilogue(call.raw)
    await call.confirmWho()
    return reader
  } catch (error) {
    call.raw.unpipe(parser)
    await reader.cancel(error as Error)
    parser.on('error', ignore).destroy()
    throw error
  } finally {
    holding.leave()
  }
}

class FormReader implements Form {
  readonly fields = new Map<string, string[]>()
  readonly fileFields: string[] = []
  readonly #limits: FormLimits
  readonly #options: FormOptions
  readonly #open = new Set<Readable>()
  readonly #taken: Promise<void>[] = []
  #fieldBytes = 0

  constructor(limits: FormLimits, options: FormOptions) {
    this.#limits = limits
    this.#options = options
  }

  /** `onHeld` is told of bytes that stay in memory, and may refuse them. */
  async read(
    source: IncomingMessage,
    parser: BusboyInstance,
    onHeld: (bytes: number) => void,
  ): Promise<void> {
    const { fields, files } = this.#limits
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const attempt = (work: () => void): void => {
      try {
        work()
      } catch (error) {
        reject(error as Error)
      }
    }
    const onChunk = ({ length }: Buffer): void => {
      if (this.#open.size === 0) attempt(() => onHeld(length)) // about: a file is handed on
    }
    const onGone = (): void => {
      if (!source.readableEnded) reject(endedEarly())
    }

    parser.on('field', (name, value, _nameCut, isCut) => {
      attempt(() => this.#addField(name, value, isCut))
    })
    parser.on('file', (name, stream, filename, _encoding, contentType) => {
      attempt(() => this.#addFile(name, stream, { filename, contentType }, reject))
    })
    parser.on('fieldsLimit', () => reject(invalid(`The form has more than ${fields} fields.`)))
    parser.on('filesLimit', () => reject(invalid(`The form has more than ${files} files.`)))
    // also of those that have no name, and so are none of the two
    parser.on('partsLimit', () =>
      reject(invalid(`The form has more than ${fields + files} parts.`)),
    )
    parser.on('error', (error) => reject(invalid(`The form is broken: ${String(error)}`)))
    parser.on('finish', resolve)
    source.once('close', onGone)
    if (source.destroyed) onGone()
    source.on('data', onChunk).pipe(parser)
    await promise.finally(() => source.off('data', onChunk))
    await Promise.all(this.#taken)
  }

  async cancel(error: Error): Promise<void> {
    for (const stream of this.#open) stream.destroy(error)
    await Promise.allSettled(this.#taken)
  }

  #addField(name: string | undefined, value: string, isCut: boolean): void {
    assertName(name)
    const { fieldSize, totalFieldSize } = this.#limits
    if (isCut) throw invalid(`The field ${name} is longer than ${fieldSize} bytes.`)
    this.#fieldBytes += Buffer.byteLength(value)
    if (this.#fieldBytes > totalFieldSize) {
      throw invalid(`With ${name}, the fields are longer than ${totalFieldSize} bytes.`)
    }
    const values = this.fields.get(name)
    if (values) values.push(value)
    else this.fields.set(name, [value])
  }

  #addFile(
    name: string | undefined,
    stream: Readable,
    part: { filename: string | undefined; contentType: string },
    reject: (error: Error) => void,
  ): void {
    this.#open.add(stream)
    stream.on('error', ignore).once('close', () => this.#open.delete(stream))
    assertName(name)
    const { filename = '', contentType } = part
    if (filename.length > longestFilename) {
      throw invalid(`The file name of ${name} is longer than ${longestFilename} characters.`)
    }
    this.fileFields.push(name)
    const taken = this.#options.onFile(name, { filename, contentType, before: this.fields }, stream)
    this.#taken.push(taken)
    taken.then(() => {
      if (stream.readableEnded || !stream.destroyed) stream.resume()
      else reject(new Error(`the file of ${name} was destroyed before its end`)) // it would never end
    }, reject)
  }
}

function openParser({ headers }: Call, limits: FormLimits): BusboyInstance {
  const type = headers['content-type']
  if (type === undefined || !/^multipart\/form-data\s*;/i.test(type)) {
    throw refuse('upload-not-multipart')
  }
  const { fields, fieldSize, files } = limits
  try {
    return new Busboy({
      headers: { ...headers, 'content-type': type },
      preservePath: true,
      limits: {
        fields,
        fieldSize,
        files,
        parts: fields + files,
        headerPairs: 100,
        headerSize: 64 * 1024,
      },
    })
  } catch {
    throw refuse('upload-not-multipart') // no boundary
  }
}

/** What follows the form means nothing, but the next request stands behind it. */
async function skipEpilogue(source: IncomingMessage): Promise<void> {
  if (source.readableEnded || source.destroyed) return
  let size = 0
  await new Promise<void>((resolve) => {
    source.on('data', onChunk).once('end', finish).once('close', finish)

    function onChunk(chunk: Buffer): void {
      size += chunk.length
      if (size > longestEpilogue) finish()
    }
    function finish(): void {
      source.off('data', onChunk).off('end', finish).off('close', finish).pause()
      resolve()
    }
  })
}

function assertName(name: string | undefined): asserts name is string {
  if (name === undefined || name === '') throw invalid('A field of the form has no name.')
  if (name.length > longestName) {
    throw invalid(`The field name ${name.slice(0, 50)}… is longer than ${longestName} characters.`)
  }
}

function invalid(reason: string): Error {
  return refuse('upload-invalid', { reason })
}

function ignore(): void {}
