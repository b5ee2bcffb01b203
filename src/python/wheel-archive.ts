/** What a wheel says of itself: METADATA and its neighbours, without unpacking anything else. */
import { ArchiveProblem, hostile } from './archive-problem.ts'
import type { ArchiveSource } from './archive-source.ts'
import { parseWheelFilename, type WheelName } from './filename.ts'
import { type CoreMetadata, parseMetadata } from './metadata.ts'
import { normalizeName } from './name.ts'
import { compareVersions, parseVersion } from './version.ts'
import { withZip, type ZipArchive } from './zip-archive.ts'

export interface ArchiveMetadata {
  /** METADATA or PKG-INFO, byte for byte. */
  readonly bytes: Buffer
  readonly metadata: CoreMetadata
}

const WANTED = /^[^/]+\.dist-info\/(?:METADATA|WHEEL|RECORD)$/

/** Reads METADATA of a wheel; the archive as a whole is checked by the way. Throws `ArchiveProblem`. */
export function readWheelMetadata(file: ArchiveSource, filename: string): Promise<ArchiveMetadata> {
  return withZip(file, WANTED, (archive) => readMetadata(archive, filename))
}

/** The same, and also refuses a wheel that installers would not take for one. */
export function inspectWheel(file: ArchiveSource, filename: string): Promise<ArchiveMetadata> {
  return withZip(file, WANTED, async (archive) => {
    const folders = [...archive.tops].filter((top) => top.endsWith('.dist-info'))
    if (folders.length > 1) throw hostile('the wheel has more than one .dist-info folder')

    const folder = findFolder(archive.members.keys(), filename)
    for (const name of ['WHEEL', 'RECORD']) {
      if (!archive.members.has(`${folder}/${name}`)) throw missing(`${folder}/${name}`)
    }
    return await readMetadata(archive, filename)
  })
}

async function readMetadata(archive: ZipArchive, filename: string): Promise<ArchiveMetadata> {
  const folder = findFolder(archive.members.keys(), filename)
  const bytes = await archive.read(`${folder}/METADATA`)
  return { bytes, metadata: parseMetadata(bytes) }
}

/** The folder of the METADATA that belongs to the file's name, among these paths. */
export function findFolder(paths: Iterable<string>, filename: string): string {
  const wheel = parseWheelFilename(filename)
  if (!wheel) throw new ArchiveProblem('missing', `${filename} is not the file name of a wheel`)

  const [folder, ...others] = [...paths]
    .filter((path) => path.endsWith('/METADATA'))
    .map((path) => path.slice(0, -'/METADATA'.length))
    .filter((path) => isFolderOf(path, wheel))
  if (folder === undefined) throw missing(`${wheel.name}-${wheel.versionText}.dist-info/METADATA`)
  if (others.length > 0) throw hostile('the wheel has its METADATA twice')
  return folder
}

/** Old wheels spell the folder with dots, capitals, or another form of the version. */
function isFolderOf(folder: string, wheel: WheelName): boolean {
  const stem = folder.slice(0, -'.dist-info'.length)
  const dash = stem.lastIndexOf('-')
  if (dash < 1 || normalizeName(stem.slice(0, dash)) !== wheel.name) return false
  const text = stem.slice(dash + 1)
  const version = parseVersion(text)
  if (!version) return text === wheel.versionText
  return compareVersions(version, wheel.version) === 0
}

function missing(path: string): ArchiveProblem {
  return new ArchiveProblem('missing', `the wheel has no ${path}`)
}
