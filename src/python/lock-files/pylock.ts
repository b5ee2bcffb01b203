/** PEP 751: `pylock.toml`. */
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

export function* readPylock(text: string): Steps<LockFile> {
  const toml = yield* readToml(text, 'packages')
  const version = textOf(toml.document['lock-version'])
  if (version === undefined || !/^1\.\d+$/.test(version)) {
    const said = version === undefined ? 'no lock-version' : `lock-version ${quoted(version)}`
    throw new UnreadableLock(1, `a pylock.toml of ${said} is not known, only of version 1`)
  }
  const pairs = pairPackages(toml, 'packages')
  const packages: LockedPackage[] = []
  for (const [table, written] of pairs) {
    packages.push(readPackage(table, written))
    yield
  }
  const addresses = pairs.flatMap(([, written], at) => listAddresses(written, packages[at]!))
  return { kind: 'pylock.toml', packages, addresses, includes: [] }
}

function readPackage(table: Table, written: TomlTable): LockedPackage {
  const { line } = written
  const name = parseName(textOf(table['name']) ?? '')
  if (name === undefined) throw new UnreadableLock(line, 'the package has no name')
  const version = textOf(table['version'])
  const marker = textOf(table['marker'])
  const lines = new Map(written.strings.map((one) => [one.value, one.line]))
  const listed = [table['archive'], table['sdist'], ...tablesOf(table['wheels'])]
  const files = listed
    .filter((one) => one !== undefined)
    .flatMap((one) => readFile(one, { name, version, line, lines }) ?? [])
  return { name, version, index: textOf(table['index']), files, marker, line }
}

interface Around {
  readonly name: ProjectName
  readonly version: string | undefined
  readonly line: number
  readonly lines: ReadonlyMap<string, number>
}

/** Undefined for one that lies in a folder and no index. */
function readFile(
  value: unknown,
  { name, version, line: at, lines }: Around,
): LockedFile | undefined {
  if (!isTable(value)) throw new UnreadableLock(at, `a file of ${name} is no table`)
  const url = textOf(value['url'])
  if (url === undefined && textOf(value['path']) !== undefined) return undefined
  const given = textOf(value['name'])
  const line = lines.get(url ?? given ?? '') ?? at
  const filename = given === undefined ? filenameOf(url ?? '', line) : assertFilename(given, line)
  const hashes = isTable(value['hashes']) ? Object.entries(value['hashes']) : []
  if (hashes.length === 0) throw new UnreadableLock(line, `${quoted(filename)} has no hashes`)
  const size = typeof value['size'] === 'number' ? value['size'] : undefined
  return {
    project: name,
    version,
    filename,
    url,
    hashes: Object.fromEntries(
      hashes.map(([key, hex]) => assertHash(key, textOf(hex) ?? '', line)),
    ),
    size,
    line,
  }
}

function listAddresses({ strings }: TomlTable, own: LockedPackage): LockAddress[] {
  const urls = new Set(own.files.map(({ url }) => url))
  return strings.flatMap(({ key, value: url, start, end, line }): LockAddress[] => {
    const isIndex = key === 'index' && url === own.index && isWebAddress(url)
    const isFile = key === 'url' && urls.has(url) && isWebAddress(url)
    if (!isIndex && !isFile) return []
    return [{ kind: isIndex ? 'index' : 'file', url, project: own.name, start, end, line }]
  })
}
