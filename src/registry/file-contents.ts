/** What is inside a file that is in the blob store: its members, and the text of one. Nothing is unpacked to disk. */
import { LRUCache } from 'lru-cache'
import type { Clock } from '#base/clock'
import { SingleFlight } from '#base/single-flight'
import type { BlobStore, Sha256 } from '#blobs/blob-store'
import {
  archiveKind,
  type ArchiveListing,
  type ArchiveMember,
  type IsOver,
} from '#python/archive-listing'
import { ArchiveProblem } from '#python/archive-problem'
import type { MemberBytes } from '#python/member-bytes'
import { openBlob, openBlobAccess } from './blob-access.ts'
import { Turns } from './turns.ts'

const MIB = 1024 * 1024

export const contentsLimits = {
  /** Bytes of a member that are looked at. */
  member: 512 * 1024,
  /** What a look at a tar may take, which has to be read from its start. */
  longestMs: 8000,
  /** Memory for listings, and for members of tars: about, in bytes. */
  keptListings: 48 * MIB,
  keptMembers: 16 * MIB,
} as const

/** In milliseconds: a machine that has more time may see more. */
const FOR_A_WHILE = { ttl: 60_000 }
/** What a member of a listing takes besides its name. */
const MEMBER_BYTES = 300

/** A file that can be looked into: `digest` is that of a blob which is here. */
export interface Archive {
  readonly digest: Sha256
  readonly filename: string
}

/** What was found, or why nothing can be shown: a sentence without its full stop. */
export type MemberLook = MemberBytes | { readonly problem: string }

export class FileContents {
  readonly #blobs: BlobStore
  readonly #clock: Clock
  readonly #listings = new LRUCache<string, ArchiveListing>({
    maxSize: contentsLimits.keptListings,
    sizeCalculation: weigh,
  })
  readonly #members = new LRUCache<string, MemberLook>({
    maxSize: contentsLimits.keptMembers,
    sizeCalculation: (look) => ('bytes' in look ? look.bytes.length : 0) + MEMBER_BYTES,
  })
  readonly #listing = new SingleFlight<string, ArchiveListing>()
  readonly #reading = new SingleFlight<string, MemberLook>()
  /** A zip costs little, wherever its member is: those who look at one don't wait for large tars. */
  readonly #turns = {
    zip: new Turns({ running: 4, waiting: 100 }),
    tar: new Turns({ running: 2, waiting: 40 }),
  }

  constructor({ blobs, clock }: { readonly blobs: BlobStore; readonly clock: Clock }) {
    this.#blobs = blobs
    this.#clock = clock
  }

  /** Undefined for a kind that can't be looked into. Refuses when too many others wait. */
  async list(archive: Archive): Promise<ArchiveListing | undefined> {
    const kind = archiveKind(archive.filename)
    if (kind === undefined) return undefined
    const key = `${kind} ${archive.digest}`
    return this.#listings.get(key) ?? this.#listing.run(key, () => this.#list(archive, key))
  }

  /** The first bytes of a file of its listing. Refuses when too many others wait. */
  async look(archive: Archive, member: ArchiveMember): Promise<MemberLook> {
    const key = `${archiveKind(archive.filename)} ${archive.digest} ${member.at}`
    return (
      this.#members.get(key) ??
      this.#reading.run(key, async () => {
        const look = await this.#read(archive, member)
        this.#members.set(key, look, 'problem' in look ? FOR_A_WHILE : {})
        return look
      })
    )
  }

  async #list(archive: Archive, key: string): Promise<ArchiveListing> {
    const { digest } = archive
    const listing = isTar(archive)
      ? await this.#turns.tar.run(async () => {
          const { listTar } = await import('#python/tar-listing')
          return listTar(await this.#openTar(archive), this.#timer())
        })
      : await this.#turns.zip.run(async () => {
          const { listZip } = await import('#python/zip-listing')
          return listZip(await openBlobAccess(this.#blobs, digest), this.#timer())
        })
    this.#listings.set(key, listing, listing.incomplete === undefined ? {} : FOR_A_WHILE)
    return listing
  }

  async #read(archive: Archive, member: ArchiveMember): Promise<MemberLook> {
    try {
      return await (isTar(archive)
        ? this.#turns.tar.run(() => this.#readTar(archive, member))
        : this.#turns.zip.run(() => this.#readZip(archive, member)))
    } catch (error) {
      if (error instanceof ArchiveProblem) return { problem: error.reason }
      throw error
    }
  }

  async #readTar(archive: Archive, { at }: ArchiveMember): Promise<MemberLook> {
    const { readTarMember } = await import('#python/tar-listing')
    const reading = { at, limit: contentsLimits.member, isOver: this.#timer() }
    const found = await readTarMember(await this.#openTar(archive), reading)
    return found ?? { problem: 'the archive has no such member' }
  }

  async #readZip({ digest }: Archive, member: ArchiveMember): Promise<MemberLook> {
    const { readZipMember } = await import('#python/zip-listing')
    const file = await openBlobAccess(this.#blobs, digest)
    return readZipMember(file, member, { limit: contentsLimits.member, isOver: this.#timer() })
  }

  async #openTar({ digest, filename }: Archive) {
    const stream = await openBlob(this.#blobs, digest)
    return { stream, isGzipped: archiveKind(filename) === 'tar.gz' }
  }

  /** Waiting for a turn is no part of it. */
  #timer(): IsOver {
    const end = this.#clock.now() + contentsLimits.longestMs
    return () => this.#clock.now() > end
  }
}

const isTar = ({ filename }: Archive): boolean => archiveKind(filename) !== 'zip'

function weigh({ members }: ArchiveListing): number {
  let size = 1
  for (const { path, linkTo = '' } of members) size += path.length + linkTo.length + MEMBER_BYTES
  return size
}
