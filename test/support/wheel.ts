/** Real distributions in memory: what these build, pip installs. */
import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { makeTar, type TarEntry } from './tar.ts'
import { makeZip, type ZipEntry } from './zip.ts'

export { makeTar, type TarEntry } from './tar.ts'
export { makeZip, type ZipEntry, type ZipOptions } from './zip.ts'

export interface Distribution {
  readonly filename: string
  readonly bytes: Buffer
  /** Of `bytes`, in lower-case hex. */
  readonly sha256: string
  /** The METADATA or PKG-INFO inside. */
  readonly metadataBytes: Buffer
}

export interface MetadataOptions {
  readonly metadataVersion?: string
  readonly summary?: string
  readonly requiresPython?: string
  readonly requiresDist?: readonly string[]
  readonly classifiers?: readonly string[]
  readonly description?: string
  readonly descriptionContentType?: string
  /** Further header lines, such as `Project-URL: docs, https://example.org/`. */
  readonly headers?: readonly string[]
  /** The whole METADATA or PKG-INFO, in place of all the above. */
  readonly metadata?: string | Uint8Array
}

export interface WheelOptions extends MetadataOptions {
  /** The text of the one module; by default it sets `version`. */
  readonly content?: string
  /** Default: `py3-none-any`. */
  readonly tag?: string
  readonly buildTag?: string
  readonly filename?: string
  /** Further members by path. */
  readonly extraFiles?: Readonly<Record<string, string | Uint8Array>>
  readonly omit?: readonly ('METADATA' | 'WHEEL' | 'RECORD')[]
}

export interface SdistOptions extends MetadataOptions {
  readonly content?: string
  /** Default: `.tar.gz`. */
  readonly extension?: '.tar.gz' | '.zip'
  readonly filename?: string
  readonly extraFiles?: Readonly<Record<string, string | Uint8Array>>
  readonly omit?: readonly 'PKG-INFO'[]
}

export function makeWheel(name: string, version: string, options: WheelOptions = {}): Distribution {
  const stem = `${fileName(name)}-${fileVersion(version)}`
  const tag = options.tag ?? 'py3-none-any'
  const build = options.buildTag === undefined ? '' : `-${options.buildTag}`
  const filename = options.filename ?? `${stem}${build}-${tag}.whl`
  const metadataBytes = makeMetadata(name, version, options)
  const folder = `${stem}.dist-info`

  const members: Record<string, string | Uint8Array> = {
    [`${moduleName(name)}.py`]: options.content ?? `version = '${version}'\n`,
    ...options.extraFiles,
    [`${folder}/METADATA`]: metadataBytes,
    [`${folder}/WHEEL`]: makeWheelFile(tag, options.buildTag),
  }
  for (const left of options.omit ?? []) delete members[`${folder}/${left}`]
  if (!options.omit?.includes('RECORD')) {
    members[`${folder}/RECORD`] = makeRecord(members, `${folder}/RECORD`)
  }

  const entries: ZipEntry[] = Object.entries(members).map(([path, content]) => ({
    name: path,
    content,
  }))
  return distribution(filename, makeZip(entries), metadataBytes)
}

/** Builds without network: its backend is a module inside it that needs nothing but Python. */
export function makeSdist(name: string, version: string, options: SdistOptions = {}): Distribution {
  const top = `${fileName(name)}-${fileVersion(version)}`
  const extension = options.extension ?? '.tar.gz'
  const metadataBytes = makeMetadata(name, version, options)
  const { filename: _filename, extraFiles: _extraFiles, omit: _omit, ...shared } = options
  const wheel = makeWheel(name, version, shared)

  const members: Record<string, string | Uint8Array> = {
    [`${top}/PKG-INFO`]: metadataBytes,
    [`${top}/pyproject.toml`]: PYPROJECT,
    [`${top}/build_backend.py`]: BUILD_BACKEND,
    [`${top}/built.b64`]: `${wheel.filename}\n${wheel.bytes.toString('base64')}\n`,
    [`${top}/${moduleName(name)}.py`]: options.content ?? `version = '${version}'\n`,
    ...options.extraFiles,
  }
  if (options.omit?.includes('PKG-INFO')) delete members[`${top}/PKG-INFO`]

  const entries = Object.entries(members).map(([path, content]) => ({ name: path, content }))
  const bytes = extension === '.zip' ? makeZip(entries) : makeTarGz(entries)
  return distribution(options.filename ?? `${top}${extension}`, bytes, metadataBytes)
}

export function makeTarGz(entries: readonly TarEntry[]): Buffer {
  return gzipSync(makeTar(entries))
}

export function makeMetadata(name: string, version: string, options: MetadataOptions = {}): Buffer {
  if (options.metadata !== undefined) return Buffer.from(options.metadata as string)

  const lines = [
    `Metadata-Version: ${options.metadataVersion ?? '2.2'}`,
    `Name: ${name}`,
    `Version: ${version}`,
    `Summary: ${options.summary ?? `The ${name} of the tests`}`,
    ...(options.classifiers ?? []).map((classifier) => `Classifier: ${classifier}`),
    ...(options.requiresPython === undefined ? [] : [`Requires-Python: ${options.requiresPython}`]),
    ...(options.requiresDist ?? []).map((requirement) => `Requires-Dist: ${requirement}`),
    ...(options.descriptionContentType === undefined
      ? []
      : [`Description-Content-Type: ${options.descriptionContentType}`]),
    ...(options.headers ?? []),
  ]
  return Buffer.from(`${lines.join('\n')}\n\n${options.description ?? ''}`)
}

function makeWheelFile(tag: string, buildTag: string | undefined): string {
  const [python = '', abi = '', platform = ''] = tag.split('-').map((part) => part.split('.'))
  const tags = [python]
    .flat()
    .flatMap((p) => [abi].flat().flatMap((a) => [platform].flat().map((f) => `${p}-${a}-${f}`)))
  return [
    'Wheel-Version: 1.0',
    'Generator: wheelyard-tests',
    'Root-Is-Purelib: true',
    ...tags.map((one) => `Tag: ${one}`),
    ...(buildTag === undefined ? [] : [`Build: ${buildTag}`]),
    '',
  ].join('\n')
}

function makeRecord(
  members: Readonly<Record<string, string | Uint8Array>>,
  recordPath: string,
): string {
  const rows = Object.entries(members).map(([path, content]) => {
    const bytes = Buffer.from(content as string)
    const hash = createHash('sha256').update(bytes).digest('base64url')
    return `${path},sha256=${hash},${bytes.length}`
  })
  return [...rows, `${recordPath},,`, ''].join('\n')
}

function distribution(filename: string, bytes: Buffer, metadataBytes: Buffer): Distribution {
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  return { filename, bytes, sha256, metadataBytes }
}

function fileName(name: string): string {
  return name.replace(/[-_.]+/g, '_').toLowerCase()
}

function fileVersion(version: string): string {
  return version.replaceAll('-', '_')
}

function moduleName(name: string): string {
  return fileName(name).replace(/^(?=\d)/, '_')
}

const PYPROJECT = `[build-system]
requires = []
build-backend = "build_backend"
backend-path = ["."]
`

/** PEP 517 in a few lines: the wheel lies ready beside it. */
const BUILD_BACKEND = `import base64, pathlib

def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    filename, content = pathlib.Path(__file__).with_name('built.b64').read_text().split()
    (pathlib.Path(wheel_directory) / filename).write_bytes(base64.b64decode(content))
    return filename

def build_sdist(sdist_directory, config_settings=None):
    raise NotImplementedError
`
