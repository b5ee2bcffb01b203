/** Projects and releases in the shape of PyPI's own JSON API. */
import { packageType, parseWheelFilename } from './filename.ts'
import type { PageFile } from './simple-page.ts'

/** Core metadata by form names (`requires_dist`, …); absent fields are not known. */
export type PypiMetadata = Readonly<Record<string, string | readonly string[]>>

export interface PypiRelease {
  readonly version: string
  /** With absolute addresses. */
  readonly files: readonly PageFile[]
}

export interface PypiProject {
  readonly name: string
  /** The release that is shown. */
  readonly shown: PypiRelease
  readonly metadata: PypiMetadata
  /** All of them, oldest first; absent on the page of one release. */
  readonly releases?: readonly PypiRelease[] | undefined
  readonly lastSerial: number
  /** The absolute address of the project. */
  readonly address: string
}

export function printPypiJson(project: PypiProject): string {
  const { shown, releases, lastSerial } = project
  return JSON.stringify({
    info: infoOf(project),
    last_serial: lastSerial,
    ownership: { organization: null, roles: [] },
    releases:
      releases &&
      Object.fromEntries(releases.map(({ version, files }) => [version, files.map(printFile)])),
    urls: shown.files.map(printFile),
    vulnerabilities: [],
  })
}

/** Texts that are not given are empty, or null where PyPI has them so. */
function infoOf({ name, shown, metadata, address }: PypiProject): Record<string, unknown> {
  const text = (field: string): string => [metadata[field] ?? ''].flat()[0] ?? ''
  const list = (field: string): string[] => [metadata[field] ?? []].flat()
  const orNull = <T extends string | string[]>(value: T): T | null =>
    value.length > 0 ? value : null
  const { version, files } = shown
  const isYanked = files.length > 0 && files.every(({ yanked }) => yanked)
  return {
    author: text('author'),
    author_email: text('author_email'),
    bugtrack_url: null,
    classifiers: list('classifiers'),
    description: text('description'),
    description_content_type: orNull(text('description_content_type')),
    docs_url: null,
    download_url: text('download_url'),
    downloads: { last_day: -1, last_month: -1, last_week: -1 },
    dynamic: orNull(list('dynamic')),
    home_page: text('home_page'),
    keywords: text('keywords'),
    license: text('license'),
    license_expression: orNull(text('license_expression')),
    license_files: orNull(list('license_file')),
    maintainer: text('maintainer'),
    maintainer_email: text('maintainer_email'),
    name: text('name') || name,
    package_url: address,
    platform: orNull(list('platform').join(', ')),
    project_url: address,
    project_urls: readProjectUrls(list('project_urls')),
    provides_extra: orNull(list('provides_extras')),
    release_url: `${address}/${encodeURIComponent(version)}`,
    requires_dist: orNull(list('requires_dist')),
    requires_python: orNull(text('requires_python') || requiredBy(files)),
    summary: text('summary'),
    version,
    yanked: isYanked,
    yanked_reason: isYanked
      ? (files.map(reasonOf).find((reason) => reason !== null) ?? null)
      : null,
  }
}

const requiredBy = (files: readonly PageFile[]): string =>
  files.find(({ requiresPython }) => requiresPython)?.requiresPython ?? ''

/** `Label, URL` each. */
function readProjectUrls(entries: readonly string[]): Record<string, string> | null {
  const urls = entries.flatMap((entry) => {
    const comma = entry.indexOf(',')
    const [label, url] = [entry.slice(0, comma).trim(), entry.slice(comma + 1).trim()]
    return comma < 0 || label === '' || url === '' ? [] : [[label, url] as const]
  })
  return urls.length > 0 ? Object.fromEntries(urls) : null
}

function printFile(file: PageFile): Record<string, unknown> {
  const { filename, hashes, requiresPython, uploadedAt, coreMetadata } = file
  return {
    comment_text: '',
    'core-metadata': coreMetadata ?? false,
    digests: hashes,
    downloads: -1,
    filename,
    has_sig: false,
    md5_digest: hashes.md5 ?? null,
    packagetype: packageType(filename) ?? 'sdist',
    python_version: pythonVersion(filename),
    requires_python: requiresPython ?? null,
    size: file.size ?? null,
    upload_time: uploadedAt?.slice(0, 19) ?? null,
    upload_time_iso_8601: uploadedAt === undefined ? null : toMicroseconds(uploadedAt),
    url: file.url,
    yanked: Boolean(file.yanked),
    yanked_reason: reasonOf(file),
  }
}

const reasonOf = ({ yanked }: PageFile): string | null =>
  typeof yanked === 'string' ? yanked : null

/** The tag of a wheel, `source` of an sdist, the Python that an old binary was built for. */
function pythonVersion(filename: string): string {
  const wheel = parseWheelFilename(filename)
  if (wheel) return wheel.tags.python.join('.')
  if (packageType(filename) === 'sdist') return 'source'
  return /-py([0-9]+(?:\.[0-9]+)?)/.exec(filename)?.[1] ?? 'any'
}

/** `2026-01-02T03:04:05.678Z` with six digits behind the point, as PyPI has it. */
function toMicroseconds(time: string): string {
  const [, seconds = time, fraction = ''] = /^(.{19})(?:\.([0-9]*))?Z$/.exec(time) ?? []
  return `${seconds}.${fraction.slice(0, 6).padEnd(6, '0')}Z`
}
