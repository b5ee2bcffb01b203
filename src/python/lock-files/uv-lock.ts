/** `uv.lock`. */
import { parseName, type ProjectName } from '../name.ts'
import type { Steps } from '../steps.ts'
import {
  assertFilename,
  assertHash,
  filenameOf,
  isWebAddress,
  quoted,
  UnreadableLock,
  type LockAddress,
  type LockedFile,
  type LockedNeed,
  type LockedPackage,
  type LockFile,
} from './lock.ts'
import {
  isTable,
  pairPackages,
  readToml,
  tablesOf,
  textOf,
  type Table,
  type TomlTable,
} from './toml-text.ts'

export function* readUvLock(text: string): Steps<LockFile> {
  const toml = yield* readToml(text, 'package')
  const { version } = toml.document
  if (version !== 1) {
    const said = version === undefined ? 'no version' : `version ${JSON.stringify(version)}`
    throw new UnreadableLock(1, `a uv.lock of ${said} is not known, only of version 1`)
  }
  const pairs = pairPackages(toml, 'package')
  const packages: LockedPackage[] = []
  for (const [table, written] of pairs) {
    packages.push(readPackage(table, written))
    yield
  }
  const names = new Set<string>(packages.map(({ name }) => name))
  const addresses = [
    ...listAddresses(toml.head, undefined, names),
    ...pairs.flatMap(([, written], at) => listAddresses(written, packages[at], names)),
  ]
  return { kind: 'uv.lock', packages, addresses, includes: [] }
}

function readPackage(table: Table, written: TomlTable): LockedPackage {
  const { line } = written
  const name = parseName(textOf(table['name']) ?? '')
  if (name === undefined) throw new UnreadableLock(line, 'the package has no name')
  const version = textOf(table['version'])
  const source = isTable(table['source']) ? table['source'] : {}
  const index = textOf(source['registry'])
  const around = { name, version, ...readGraph(table), line }
  if (index === undefined || !isWebAddress(index)) return { ...around, files: [] }
  const listed = [
    ...(table['sdist'] === undefined ? [] : [table['sdist']]),
    ...tablesOf(table['wheels']),
  ]
  const lines = new Map(written.strings.map((one) => [one.value, one.line]))
  const files = listed.map((one) => readFile(one, { name, version, line, lines }))
  return { ...around, index, files }
}

/** What needs what, and where. */
function readGraph(table: Table): Pick<LockedPackage, 'forks' | 'needs' | 'isRoot'> {
  const groups = [table['optional-dependencies'], table['dev-dependencies']].filter(isTable)
  const lists = [table['dependencies'], ...groups.flatMap((group) => Object.values(group))]
  const needs = lists.flatMap(tablesOf).flatMap((need): LockedNeed[] => {
    if (!isTable(need)) return []
    const name = parseName(textOf(need['name']) ?? '')
    if (name === undefined) return []
    return [{ name, version: textOf(need['version']), marker: textOf(need['marker']) }]
  })
  const { 'resolution-markers': markers, source } = table
  const forks = Array.isArray(markers) ? markers.filter((one) => typeof one === 'string') : []
  const isRoot = isTable(source) && ('virtual' in source || 'editable' in source)
  return {
    ...(forks.length > 0 && { forks }),
    ...(needs.length > 0 && { needs }),
    ...(isRoot && { isRoot }),
  }
}

interface Around {
  readonly name: ProjectName
  readonly version: string | undefined
  readonly line: number
  readonly lines: ReadonlyMap<string, number>
}

function readFile(value: unknown, { name, version, line: at, lines }: Around): LockedFile {
  if (!isTable(value)) throw new UnreadableLock(at, `a file of ${name} is no table`)
  const url = textOf(value['url'])
  const given = textOf(value['filename'])
  const line = lines.get(url ?? given ?? '') ?? at
  const filename = given === undefined ? filenameOf(url ?? '', line) : assertFilename(given, line)
  const hash = textOf(value['hash'])
  if (hash === undefined) throw new UnreadableLock(line, `${quoted(filename)} has no hash`)
  const [algorithm = '', digest = ''] = hash.split(':')
  const [key, hex] = assertHash(algorithm, digest, line)
  const size = typeof value['size'] === 'number' ? value['size'] : undefined
  return { project: name, version, filename, url, hashes: { [key]: hex }, size, line }
}

/** An index also stands where another package is named: it is that one's. */
function listAddresses(
  { strings }: TomlTable,
  own: LockedPackage | undefined,
  names: ReadonlySet<string>,
): LockAddress[] {
  const urls = new Set(own?.files.map(({ url }) => url))
  const found: LockAddress[] = []
  let project = own?.name
  for (const { key, value: url, start, end, line } of strings) {
    if (key === 'name') {
      const name = parseName(url)
      if (name !== undefined && names.has(name)) project = name
    } else if ((key === 'registry' || key === 'index') && isWebAddress(url)) {
      found.push({ kind: 'index', url, project, start, end, line })
    } else if (key === 'url' && urls.has(url)) {
      found.push({ kind: 'file', url, project: own?.name, start, end, line })
    }
  }
  return found
}
