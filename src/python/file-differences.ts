/** Which file of one release stands for which of another: by kind and tags, whatever the version is. */
import { parseFilename, parseWheelFilename } from './filename.ts'
import type { ProjectName } from './name.ts'

interface NamedFile {
  readonly filename: string
}

export interface FilePair<F> {
  /** What they are: `py3-none-any`, `.tar.gz` … */
  readonly what: string
  /** At least one of both is there. */
  readonly before: F | undefined
  readonly after: F | undefined
}

/** In the order of what they are; source distributions first. */
export function pairFiles<F extends NamedFile>(
  project: ProjectName,
  before: readonly F[],
  after: readonly F[],
): FilePair<F>[] {
  const [old, now] = [before, after].map((files) => byWhat(project, files)) as [
    Map<string, F[]>,
    Map<string, F[]>,
  ]
  const whats = [...new Set([...old.keys(), ...now.keys()])].toSorted(
    (a, b) => Number(b.startsWith('.')) - Number(a.startsWith('.')) || (a < b ? -1 : 1),
  )
  return whats.flatMap((what) => {
    const [ours = [], theirs = []] = [old.get(what), now.get(what)]
    const rows = Math.max(ours.length, theirs.length)
    return Array.from({ length: rows }, (_, at) => ({
      what,
      before: ours[at],
      after: theirs[at],
    }))
  })
}

const byWhat = <F extends NamedFile>(project: ProjectName, files: readonly F[]) =>
  Map.groupBy(files, ({ filename }) => whatOf(filename, project))

export function whatOf(filename: string, project: ProjectName): string {
  const wheel = parseWheelFilename(filename)
  if (wheel) {
    const { python, abi, platform } = wheel.tags
    return [python, abi, platform].map((tags) => tags.join('.')).join('-')
  }
  const { kind, versionText } = parseFilename(filename, project) ?? {}
  const end = versionText === undefined ? -1 : filename.lastIndexOf(versionText)
  if (end === -1) return filename
  const rest = filename.slice(end + versionText!.length)
  return kind === 'sdist' ? rest : rest.replace(/^[.-]/, '')
}
