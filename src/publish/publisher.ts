/** Uploads releases to other servers, file by file, as publishing programs do (the legacy upload API). */
import { Dispatchers, type ConnectionSettings } from '#base/dispatchers'
import { StorageFailure } from '#base/failure'
import { openLookup } from '#base/local-addresses'
import { networkReason } from '#base/network-failure'
import type { BlobStore } from '#blobs/blob-store'
import { uploadType } from '#python/upload-type'
import type { ReleaseCopy } from '#registry/push'
import { multipart, urlencoded, type Body, type Fields } from './multipart.ts'
import { postForm, type Answered, type Destination } from './post.ts'

export type { Destination }

export interface PublisherOptions {
  readonly blobs: BlobStore
  readonly settings: Omit<ConnectionSettings, 'lookup'> & { readonly userAgent: string }
}

export interface Publication {
  readonly name: string
  readonly version: string
  /** Its bytes are all in the store. */
  readonly copy: ReleaseCopy
  /** Makes the project known first, as servers of old need it. */
  readonly registers: boolean
}

/** devpi's entries of an action list: a status, or -1 where there was no answer, and what it is about. */
export type Outcome = readonly (string | number)[]

/** For one file, however slowly it goes: a server that is silent is noticed much earlier. */
const LONGEST_POST_MS = 3_600_000

export class Publisher {
  readonly #options: PublisherOptions
  readonly #dispatchers: Dispatchers
  readonly #closing = new AbortController()

  constructor(options: PublisherOptions) {
    this.#options = options
    this.#dispatchers = new Dispatchers({ ...options.settings, lookup: openLookup })
  }

  /** In the order in which things were sent. After a registration that failed nothing more is. */
  async publish(publication: Publication, to: Destination): Promise<Outcome[]> {
    const outcomes: Outcome[] = []
    if (publication.registers) {
      const outcome = await this.#register(publication, to)
      outcomes.push(outcome)
      if (![200, 201, 410].includes(Number(outcome[0]))) return outcomes
    }
    for (const link of publication.copy.files) {
      outcomes.push(await this.#sendFile(publication, link, to))
    }
    if (publication.copy.docs) {
      outcomes.push(await this.#sendDocs(publication, publication.copy.docs, to))
    }
    return outcomes
  }

  /** Breaks off what runs. */
  async close(): Promise<void> {
    this.#closing.abort()
    await this.#dispatchers.destroy()
  }

  #register({ copy, name, version }: Publication, to: Destination): Promise<Outcome> {
    const body = urlencoded([...fieldsOf(copy), [':action', 'submit']])
    return this.#post(body, to, {
      failure: 'exception on register:',
      outcomeOf: ({ status }) => [status, 'register', name, version],
    })
  }

  async #sendFile(
    { copy }: Publication,
    { filename, path, entry: { digest = '' } }: ReleaseCopy['files'][number],
    to: Destination,
  ): Promise<Outcome> {
    const { filetype, pyversion } = uploadType(filename)
    const own: Fields = [
      [':action', 'file_upload'],
      ['protocol_version', '1'],
      ['filetype', filetype],
      ['pyversion', pyversion],
      ['sha256_digest', digest],
    ]
    const fields = [...fieldsOf(copy), ...own]
    const body = await multipart(this.#options.blobs, fields, { filename, digest })
    return this.#post(body, to, {
      failure: 'exception on release upload:',
      outcomeOf: ({ status, text }) => [status, 'upload', path, isDone(status) ? '' : text],
    })
  }

  async #sendDocs(
    { copy, name }: Publication,
    { entry: { digest } }: NonNullable<ReleaseCopy['docs']>,
    to: Destination,
  ): Promise<Outcome> {
    const own = [copy.metadata.name ?? name].flat().join()
    const fields: Fields = [...fieldsOf(copy), [':action', 'doc_upload']]
    const body = await multipart(this.#options.blobs, fields, { filename: `${own}.zip`, digest })
    return this.#post(body, to, {
      failure: 'exception on documentation upload:',
      outcomeOf: ({ status }) => [status, 'docfile', own],
    })
  }

  async #post(
    body: Body,
    to: Destination,
    { failure, outcomeOf }: { failure: string; outcomeOf: (answered: Answered) => Outcome },
  ): Promise<Outcome> {
    const { userAgent } = this.#options.settings
    const signal = AbortSignal.any([this.#closing.signal, AbortSignal.timeout(LONGEST_POST_MS)])
    try {
      return outcomeOf(await postForm(this.#dispatchers, { to, body, userAgent, signal }))
    } catch (error) {
      if (error instanceof StorageFailure) throw error
      return [-1, failure, networkReason(error)]
    }
  }
}

/** All that is known of the release: texts also where they are empty, each member of a list as a field of its own. */
function fieldsOf({ metadata }: ReleaseCopy): Fields {
  return Object.entries(metadata).flatMap(([name, value]) =>
    [value].flat().map((one) => [name, one] as const),
  )
}

const isDone = (status: number): boolean => status === 200 || status === 201
