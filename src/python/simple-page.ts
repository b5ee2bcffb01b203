/**
 * A project's page of the Simple repository API, as data. How it looks on the wire stands beside:
 * `simple-page-json.ts` (PEP 691, 700) and `simple-page-html.ts` (PEP 503); lists of names: `simple-names.ts`.
 */

export interface PageFile {
  readonly filename: string
  /** Absolute when parsed; as it is to stand on the page, percent-encoded, when printed. No fragment. */
  readonly url: string
  /** Lower-case hex by lower-case algorithm. */
  readonly hashes: Readonly<Record<string, string>>
  /** Bytes. */
  readonly size?: number | undefined
  /** As PEP 700 wants it: UTC, ending in `Z`. */
  readonly uploadedAt?: string | undefined
  readonly requiresPython?: string | undefined
  /** True, or the reason, which is never empty. */
  readonly yanked?: boolean | string | undefined
  /** False: there is none. True: there is, of unknown hash. Absent: unknown. */
  readonly coreMetadata?: boolean | Readonly<Record<string, string>> | undefined
  readonly provenance?: string | undefined
  readonly gpgSig?: boolean | undefined
}

export interface ProjectStatus {
  readonly status: string
  readonly reason?: string
}

export interface ProjectPage {
  readonly name: string
  readonly files: readonly PageFile[]
  /** Worked out from the files, when printed, if absent. */
  readonly versions?: readonly string[]
  /** PEP 792; absent means active. */
  readonly status?: ProjectStatus
  readonly lastSerial?: number
}

/** A page to be printed: its files may be made one after the other, and are read once. */
export interface PrintedPage extends Omit<ProjectPage, 'files' | 'versions'> {
  readonly files: Iterable<PageFile>
  readonly versions: readonly string[]
}

/** What this server speaks, in both serialisations (PEP 629). */
export const API_VERSION = '1.4'

/** Above what any project has: the largest have some 30,000. Each costs time. */
export const MOST_FILES = 40_000

/** An upstream's page that cannot be understood as one; `reason` is a sentence without its full stop. */
export class UnreadablePage extends Error {
  readonly reason: string

  constructor(reason: string, options?: { readonly cause?: unknown }) {
    super(reason, options)
    this.name = 'UnreadablePage'
    this.reason = reason
  }
}

/** PEP 629: a page without version is 1.0; another major version must not be guessed at. */
export function assertKnownApiVersion(version: string | undefined): void {
  if (version !== undefined && !/^1(?:\.\d+)?$/.test(version.trim())) {
    throw new UnreadablePage(`the page is of API version ${JSON.stringify(version.slice(0, 20))}`)
  }
}
