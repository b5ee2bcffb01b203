/** One file of devpi, from where it can be had soonest: our own store, a folder that is at hand, the server. */
import type { BlobStore } from '#blobs/blob-store'
import type { Ledger } from '#ledger/ledger'
import { keys } from '#registry/keys'
import { readTold, type Arrived } from './arrived.ts'
import { digestIn } from './file-facts.ts'
import type { Coming } from './keys.ts'
import { takeLocal, type LocalFiles } from './local-files.ts'
import { receive, type Begun } from './receive.ts'
import { refusalIn, type DevpiServer } from './server.ts'

export interface FileSourceNeeds {
  readonly ledger: Ledger
  /** Of this machine. */
  readonly blobs: BlobStore
  /** Undefined where nobody is to be asked. */
  readonly server?: DevpiServer | undefined
  /** Where files are looked for first. */
  readonly local?: LocalFiles | undefined
}

export interface Getting {
  readonly onBegun: (begun: Begun) => void
  readonly signal: AbortSignal
}

export class FileSource {
  readonly #needs: FileSourceNeeds

  constructor(needs: FileSourceNeeds) {
    this.#needs = needs
  }

  /**
   * Checked and kept. Undefined for a mirror's file that devpi does not have either: it is looked for upstream when it
   * is wanted.
   */
  async get(relpath: string, coming: Coming, getting: Getting): Promise<Arrived | undefined> {
    const { blobs, local } = this.#needs
    return (
      (await this.#findHere(coming)) ??
      (local && (await takeLocal(blobs, local, relpath, coming))) ??
      (await this.#download(relpath, coming, getting))
    )
  }

  /** The same content may lie on many indexes. */
  async #findHere(coming: Coming): Promise<Arrived | undefined> {
    const { blobs } = this.#needs
    const digest = digestIn(coming.hashes)
    const size = digest === undefined ? undefined : await blobs.size(digest)
    if (digest === undefined || size === undefined) return undefined
    const path = await blobs.localPath(digest)
    return { digest, size, told: path === undefined ? {} : await readTold(path, coming) }
  }

  async #download(
    relpath: string,
    coming: Coming,
    { onBegun, signal }: Getting,
  ): Promise<Arrived | undefined> {
    const { server, blobs } = this.#needs
    const answer = await server?.ask({ path: printPath(relpath), signal })
    if (answer?.status !== 200) {
      const isElsewhere = !answer || elsewhere.has(answer.status)
      const { local } = this.#needs
      const refusal = answer ? await refusalIn(answer) : new NotInFolder(local?.folder ?? '')
      if (isElsewhere && (await this.#isMirrored(coming))) return undefined
      throw refusal
    }
    return receive(blobs, answer, { hashes: coming.hashes, onBegun }, async (staged) => {
      const told = await readTold(staged.path, coming)
      await staged.keep()
      return { digest: staged.digest, size: staged.size, told }
    })
  }

  async #isMirrored(coming: Coming): Promise<boolean> {
    if (coming.rel !== 'releasefile') return false
    const { index, project, filename } = coming.file
    const entry = await this.#needs.ledger.read((tx) => tx.get(keys.file(index, project, filename)))
    return entry?.upstream !== undefined
  }
}

/** The folder lacks a file that its history names, or has another content there. */
export class NotInFolder extends Error {
  constructor(folder: string) {
    super(`it is not in ${folder}, or not as it should be`)
    this.name = 'NotInFolder'
  }
}

/** What devpi answers that would have to ask upstream, and has not been able to. */
const elsewhere = new Set([302, 404, 502])

/** A path of devpi as a URL has it; `+f` stays as it is. */
export const printPath = (relpath: string): string =>
  relpath
    .split('/')
    .map((part) => encodeURIComponent(part).replaceAll('%2B', '+'))
    .join('/')
