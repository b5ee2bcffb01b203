/** Requirements and constraints files whose every requirement is one version, or one address. */
import { parseFilename } from '../filename.ts'
import { parseName, type ProjectName } from '../name.ts'
import type { Steps } from '../steps.ts'
import {
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

const ADDRESS_OPTION =
  /^(-i|--index-url|--extra-index-url|-f|--find-links)(?:[ \t]*=[ \t]*|[ \t]+|(?<=^-.))(\S+)/
const INCLUDE = /^(?:-r|--requirement|-c|--constraint)(?:\s*=\s*|\s*)(\S+)/

export function* readLockedRequirements(text: string): Steps<LockFile> {
  const packages: LockedPackage[] = []
  const addresses: LockAddress[] = []
  const includes: string[] = []
  for (const one of logicalLines(text)) {
    yield
    const option = ADDRESS_OPTION.exec(one.text)
    const include = INCLUDE.exec(one.text)
    if (option) {
      const [whole, name = '', url = ''] = option
      const kind = /^-f|^--find/.test(name) ? 'find-links' : 'index'
      const end = one.start + whole.length
      const { line } = one
      if (isWebAddress(url)) addresses.push({ kind, url, start: end - url.length, end, line })
    } else if (include) includes.push(include[1]!)
    else if (!one.text.startsWith('-')) {
      const { locked, address } = readRequirement(one)
      packages.push(locked)
      if (address) addresses.push(address)
    }
  }
  return { kind: 'requirements', packages, addresses, includes }
}

interface LogicalLine {
  readonly line: number
  /** As long as in the file: what joins lines and comments are spaces. Begins with no space. */
  readonly text: string
  readonly start: number
}

function* logicalLines(text: string): Generator<LogicalLine> {
  let begun: string[] = []
  let from = 0
  let [at, line, offset] = [1, 0, 0]
  for (const [, physical = '', end = ''] of text.matchAll(/([^\r\n]*)(\r\n|\r|\n|$)/g)) {
    line++
    offset += physical.length + end.length
    const isComment = /^[\s\uFEFF]*#/.test(physical)
    const isOpen = !isComment && physical.endsWith('\\') && end !== ''
    begun.push(
      isComment
        ? ' '.repeat(physical.length)
        : isOpen
          ? `${physical.slice(0, -1)} ${' '.repeat(end.length)}`
          : physical,
    )
    if (isOpen) continue
    const whole = begun
      .join('')
      .replace(/(?:^|\s)#.*$/s, '')
      .trimEnd()
    const bare = whole.trimStart()
    const start = from + whole.length - bare.length
    if (bare !== '') yield { line: at, text: bare, start }
    begun = []
    at = line + 1
    from = offset
  }
}

const NAMED = /^([A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[[A-Za-z0-9._,\s-]*\])?\s*(.*)$/s

interface Read {
  readonly locked: LockedPackage
  readonly address?: LockAddress
}

function readRequirement({ text, line, start }: LogicalLine): Read {
  const hashes = [...text.matchAll(/\s--hash(?:\s*=\s*|\s+)(\S+)/g)].map(([, hash = '']) => {
    const [algorithm = '', digest = ''] = hash.split(':')
    return assertHash(algorithm, digest, line)
  })
  const bare = text.replace(/\s--?[A-Za-z].*$/s, '')
  if (/^[a-z+]+:\/\//i.test(bare)) return readAddress(bare, { at: 0, line, start, hashes })

  const [, name = '', rest = ''] = NAMED.exec(bare) ?? []
  const project = parseName(name)
  if (project === undefined) throw new UnreadableLock(line, `${quoted(bare)} is no requirement`)
  if (rest.startsWith('@')) {
    const at = bare.length - rest.length + 1 + (/^@(\s*)/.exec(rest)?.[1]?.length ?? 0)
    return readAddress(bare, { at, line, start, hashes, project })
  }
  const [constraint = '', ...marker] = rest.split(';')
  const pin = /^\(?\s*={2,3}\s*([^\s,;*()]+)\s*\)?$/.exec(constraint.trim())
  const version = pin?.[1]
  if (version === undefined) {
    throw new UnreadableLock(line, `${quoted(name)} is not pinned to one version by ==`)
  }
  if (hashes.length === 0) throw new UnreadableLock(line, `${quoted(bare.trim())} has no --hash`)
  const files = hashes.map((hash) => fileOf(project, version, line, [hash]))
  const said = marker.join(';').trim() || undefined
  return { locked: { name: project, version, files, marker: said, line } }
}

const fileOf = (
  project: ProjectName,
  version: string | undefined,
  line: number,
  hashes: readonly (readonly [string, string])[],
): LockedFile => ({ project, version, hashes: Object.fromEntries(hashes), line })

interface Around {
  /** Where in the requirement its address begins. */
  readonly at: number
  readonly line: number
  readonly start: number
  readonly hashes: readonly [string, string][]
  readonly project?: ProjectName
}

/** A hash in the address's fragment counts as one beside it; the fragment is no part of the address. */
function readAddress(text: string, around: Around): Read {
  const { at, line, start, hashes } = around
  const [whole = ''] = /^\S*/.exec(text.slice(at)) ?? []
  const [url = '', fragment = ''] = whole.split('#')
  const marker = /\s;(.*)$/s.exec(text.slice(at))?.[1]?.trim()
  if (!isWebAddress(url)) {
    const project = around.project ?? parseName(/[#&]egg=([\w.-]+)/.exec(whole)?.[1] ?? '')
    if (project === undefined) throw new UnreadableLock(line, `${quoted(text)} names no project`)
    return { locked: { name: project, version: undefined, files: [], marker, line } }
  }
  const filename = filenameOf(url, line)
  const project = around.project ?? parseFilename(filename)?.name
  if (project === undefined) throw new UnreadableLock(line, `${quoted(text)} names no project`)
  const inside = /(?:^|&)(md5|sha1|sha224|sha256|sha384|sha512)=([^&]+)/i.exec(fragment)
  const all = inside ? [assertHash(inside[1]!, inside[2]!, line), ...hashes] : hashes
  if (all.length === 0) throw new UnreadableLock(line, `${quoted(filename)} has no hash`)
  const file = { ...fileOf(project, undefined, line, all), filename, url }
  const from = start + at
  return {
    locked: { name: project, version: undefined, files: [file], marker, line },
    address: { kind: 'file', url, project, start: from, end: from + url.length, line },
  }
}
