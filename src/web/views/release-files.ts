/** The files of a release as its page shows them. */
import type { ReadTransaction } from '#ledger/transaction'
import { fileKind } from '#python/file-kind'
import { bestHash, fileFolder } from '#registry/file-path'
import type { LogEntry } from '#registry/files'
import type { IndexName } from '#registry/indexes'
import { keys } from '#registry/keys'
import type { Link } from '#registry/links'
import { hashSpec } from '#registry/release-links'
import { toldEntry } from '#registry/told-indexes'
import type { ToxState } from '#registry/tox-reading'
import type { Addresses } from '../addresses.ts'
import { insideAddress } from './inside.ts'
import type { Found } from './release.ts'
import { listAddress, newestState } from './toxresults.ts'

export interface FileLine {
  readonly filename: string
  /** Where it is downloaded, with its hash behind `#`. */
  readonly address: string
  /** Where it is looked into. */
  readonly contentsAddress: string
  readonly index: IndexName
  /** `Source`, `Python Wheel`, … */
  readonly kind: string
  /** The tags of a wheel: `py3-none-any`; empty for others. */
  readonly tags: string
  /** Bytes. */
  readonly size: number | undefined
  /** RFC 3339; where upstream does not tell, undefined. */
  readonly uploadedAt: string | undefined
  readonly uploader: string | undefined
  /** `sha256=…`; empty where upstream tells none. */
  readonly hashSpec: string
  readonly sha256: string | undefined
  readonly yanked: true | string | undefined
  readonly history: readonly HistoryLine[]
  /** What the newest tests of it found; undefined where nobody has sent results. */
  readonly tests: { readonly state: ToxState; readonly address: string } | undefined
}

export interface HistoryLine {
  /** `Uploaded`, `Pushed`, `Replaced` */
  readonly what: string
  readonly who: string | undefined
  /** Milliseconds. */
  readonly at: number | undefined
  readonly from: string | undefined
  readonly to: string | undefined
  readonly count: number | undefined
}

export async function fileLines(
  tx: ReadTransaction,
  { index, project, release, links: { isPoliced }, tests, mayName }: Found,
  addresses: Addresses,
): Promise<FileLine[]> {
  const lines: FileLine[] = []
  const sorted = release.links.toSorted((a, b) => (a.filename < b.filename ? -1 : 1))
  for (const link of sorted) {
    const place = { index: link.index, project, filename: link.filename }
    const results = await tx.list(keys.toxresultsOfFile(place))
    const newest = results.toSorted((a, b) => b.value.addedAt - a.value.addedAt)
    const read = await Promise.all(newest.map(({ value }) => tests.read(value.digest)))
    const address = listAddress(addresses, { ...place, version: release.version })
    const served = isPoliced ? index : link.index
    lines.push({
      ...fileFacts(link, served, addresses),
      history: (link.file.log ?? []).map((entry) => historyLine(toldEntry(entry, mayName))),
      contentsAddress: insideAddress(addresses, { ...place, index, version: release.version }),
      tests:
        read.length > 0
          ? { state: newestState(read.map((environments) => ({ environments }))), address }
          : undefined,
    })
  }
  return lines
}

function fileFacts(link: Link, served: IndexName, addresses: Addresses) {
  const { index, filename, file } = link
  const spec = hashSpec(file)
  const path = `${served}/${fileFolder(file)}/${filename}`
  return {
    filename,
    address: `${addresses.file(path)}${spec === '' ? '' : `#${spec}`}`,
    index,
    ...fileKind(filename),
    size: file.size,
    uploadedAt: file.uploadedAt,
    uploader: file.uploader,
    hashSpec: spec,
    sha256: file.digest ?? file.hashes['sha256'] ?? undefined,
    hash: bestHash(file),
    yanked: file.yanked,
  }
}

const words: Readonly<Record<string, string>> = {
  upload: 'Uploaded',
  push: 'Pushed',
  overwrite: 'Replaced',
}

function historyLine({ what, who, when, src, dst, count }: LogEntry): HistoryLine {
  const [year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0] = when
  return {
    what: words[what] ?? what,
    who: who ?? undefined,
    at: when.length === 0 ? undefined : Date.UTC(year, month - 1, day, hour, minute, second),
    from: src,
    to: dst,
    count,
  }
}
