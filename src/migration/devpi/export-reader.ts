/** What is in devpi's export: its `dataindex.json`, item by item. */
import { createReadStream } from 'node:fs'
import { readJsonStream, type Decide } from '../json-stream.ts'

export const DATA_INDEX = 'dataindex.json'

export type ExportItem =
  | { readonly kind: 'dumpversion'; readonly value: unknown }
  | { readonly kind: 'user'; readonly user: string; readonly value: unknown }
  | { readonly kind: 'index'; readonly index: string }
  | { readonly kind: 'config'; readonly index: string; readonly value: unknown }
  | { readonly kind: 'project'; readonly index: string; readonly project: string }
  | {
      readonly kind: 'version'
      readonly index: string
      readonly project: string
      readonly version: string
      readonly value: unknown
    }
  | {
      readonly kind: 'file'
      readonly index: string
      readonly at: number
      readonly value: unknown
    }

export type ItemKind = ExportItem['kind']

/** Items of these kinds in the order of the file, which must be there. Throws `BrokenJson`. */
export async function* readExport(
  path: string,
  kinds: readonly ItemKind[],
): AsyncGenerator<ExportItem, void, void> {
  const source = createReadStream(path, { highWaterMark: 1024 * 1024 }) as AsyncIterable<Buffer>
  for await (const { path: steps, value } of readJsonStream(source, chooseFor(kinds))) {
    const item = itemAt(steps, value)
    if (item && kinds.includes(item.kind)) yield item
  }
}

function itemAt(steps: readonly (string | number)[], value: unknown): ExportItem | undefined {
  const [top, name, part, below, version] = steps.map(String)
  if (top === 'dumpversion') return { kind: 'dumpversion', value }
  if (name === undefined) return undefined
  if (top === 'users') return { kind: 'user', user: name, value }
  const index = name
  if (part === undefined) return { kind: 'index', index }
  if (part === 'indexconfig') return { kind: 'config', index, value }
  if (below === undefined) return undefined
  if (part === 'files') return { kind: 'file', index, at: Number(below), value }
  if (version === undefined) return { kind: 'project', index, project: below }
  return { kind: 'version', index, project: below, version, value }
}

function chooseFor(kinds: readonly ItemKind[]): Decide {
  const takes = (kind: ItemKind): 'take' | 'pass' => (kinds.includes(kind) ? 'take' : 'pass')
  const looks = (...any: readonly ItemKind[]): 'enter' | 'pass' =>
    any.some((kind) => kinds.includes(kind)) ? 'enter' : 'pass'
  return ([top, name, part, below, version]) => {
    if (top === 'dumpversion') return takes('dumpversion')
    if (top === 'users') return name === undefined ? looks('user') : takes('user')
    if (top !== 'indexes') return 'pass'
    if (part === undefined) return 'enter'
    if (part === 'indexconfig') return takes('config')
    if (part === 'files') return below === undefined ? looks('file') : takes('file')
    if (part !== 'projects') return 'pass'
    if (version !== undefined) return takes('version')
    return below === undefined || typeof below === 'string' ? looks('project', 'version') : 'pass'
  }
}
