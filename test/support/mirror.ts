/** Mirrors over a ledger and a blob store of their own, in a temporary folder, with a clock of the test's. */
import { openFilesystemBlobs } from '../../src/blobs/backends/filesystem.ts'
import type { Ledger } from '#ledger/ledger'
import { openLedger } from '#ledger/open-ledger'
import type { BlobStore } from '#blobs/blob-store'
import { Mirrors, type MirrorSettings } from '#mirror/mirrors'
import type { FileEntry } from '#registry/files'
import type { MirrorEntry } from '#registry/indexes'
import { keys } from '#registry/keys'
import type { ProjectEntry } from '#registry/projects'
import {
  body,
  type Answer,
  type BodyOptions,
  type FakeUpstream,
  type RecordedRequest,
} from './fake-upstream.ts'
import { makeTempFolder } from './temp.ts'

export interface MirrorRig extends AsyncDisposable {
  readonly ledger: Ledger
  readonly blobs: BlobStore
  readonly folder: string
  readonly log: readonly LogLine[]
  /** That of the running process: `restart` makes a new one. */
  readonly mirrors: Mirrors
  /** The same again over the same folders, with nothing in memory. */
  restart(): Promise<void>
  /** Lets time pass. */
  pass(ms: number): void
  setMirror(options: Partial<MirrorEntry>): Promise<void>
  /** Resolves after the next commit. */
  nextChange(): Promise<void>
  project(name: string): Promise<ProjectEntry | undefined>
  files(project: string): Promise<Record<string, FileEntry>>
}

export interface LogLine {
  readonly fields: Readonly<Record<string, unknown>>
  readonly message: string
}

/** The one mirror of a rig. */
export const MIRROR = 'root/mirror'

const patient: MirrorSettings = {
  requestTimeoutMs: 10_000,
  connectTimeoutMs: 10_000,
  firstByteTimeoutMs: 10_000,
  stallTimeoutMs: 10_000,
  cacheExpiryMs: 1_800_000,
  staleForMs: 0,
  makesAhead: false,
  staleWaitMs: 0,
  userAgent: 'wheelyard/test',
  offline: false,
}

export async function makeMirrorRig(
  mirrorUrl: string | undefined,
  settings: Partial<MirrorSettings> = {},
): Promise<MirrorRig> {
  const temp = await makeTempFolder('mirror')
  const ledger = await openLedger(temp.path)
  const blobs = await openFilesystemBlobs(temp.join('blobs'))
  const log: LogLine[] = []
  const write = (fields: LogLine['fields'], message: string): void =>
    void log.push({ fields, message })
  const logger = { debug: write, info: write, warn: write, error: write, flush: () => {} }
  let now = 1_700_000_000_000
  const open = (): Promise<Mirrors> =>
    Mirrors.open({
      ledger,
      blobs,
      folder: temp.join('local'),
      settings: { ...patient, ...settings },
      log: logger,
      clock: { now: () => now },
    })

  const rig = {
    ledger,
    blobs,
    folder: temp.path,
    log,
    mirrors: await open(),
    async restart() {
      await rig.mirrors.close()
      rig.mirrors = await open()
    },
    pass: (ms: number) => void (now += ms),
    setMirror: (options: Partial<MirrorEntry>) =>
      ledger.write('test', async (tx) => {
        const before = (await tx.get(keys.index(MIRROR))) as MirrorEntry | undefined
        tx.set(keys.index(MIRROR), { type: 'mirror', volatile: false, ...before, ...options })
      }),
    nextChange: () =>
      new Promise<void>((resolve) => {
        const unfollow = ledger.follow(() => {
          unfollow()
          resolve()
        })
      }),
    project: (name: string) => ledger.read((tx) => tx.get(keys.project(MIRROR, name))),
    async files(project: string) {
      await rig.mirrors.whenLearned(MIRROR, project)
      const listed = await ledger.read((tx) => tx.list(keys.files(MIRROR, project)))
      return Object.fromEntries(listed.map(({ name, value }) => [name, value]))
    },
    async [Symbol.asyncDispose]() {
      await rig.mirrors.close()
      await ledger.close()
      await temp.remove()
    },
  }
  await rig.setMirror(mirrorUrl === undefined ? {} : { mirror_url: mirrorUrl })
  return rig
}

export interface ListedFile {
  readonly filename: string
  readonly [key: string]: unknown
}

/** Requests for pages and files. The list of names, which may be asked for beside them, has tests of its own. */
export const asksOf = ({ requests }: FakeUpstream): RecordedRequest[] =>
  requests.filter(({ path }) => path !== '/simple/')

/** A page of the project `anchor` in JSON; what a file does not say is made up. */
export function pageOf(files: readonly ListedFile[], more: object = {}): string {
  const listed = files.map((file) => ({ url: `/files/${file.filename}`, hashes: {}, ...file }))
  return JSON.stringify({ meta: { 'api-version': '1.1' }, name: 'anchor', files: listed, ...more })
}

export const json = (content: string, options: BodyOptions = {}): Answer =>
  body(content, { type: 'application/vnd.pypi.simple.v1+json', ...options })
