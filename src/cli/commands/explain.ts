/** `wheelyard explain`: why an index offers what it offers of a project. */
import { UsedWrongly } from '#base/used-wrongly'
import { openClient } from '#client/client'
import type { IndexAddress } from '#client/index-address'
import { isValidName } from '#python/name'
import { defineCommand, hasFlag } from '../command.ts'
import { CommandFailed } from '../failure.ts'
import { printJson, printTable } from '../output.ts'
import type { World } from '../world.ts'
import { jsonOption, readIndexArgument, serverOption } from './server.ts'

interface Reason {
  readonly rule: string
  readonly index: string
  readonly reason: string
  readonly until?: string
}

interface File {
  readonly filename: string
  readonly version: string
  readonly index: string
  readonly shown: boolean
  readonly first_seen: string
  readonly upload_time?: string
  readonly hidden_by?: Reason
  readonly rehearsed?: Reason
  readonly replaced_upstream?: { readonly since: string }
}

interface Mirror {
  readonly upstream?: string
  readonly standing: string
  readonly last_look?: string
  readonly failing?: { readonly reason?: string; readonly until?: string }
}

interface Explanation {
  readonly index: string
  readonly project: string
  readonly shown: number
  readonly hidden: number
  readonly files: readonly File[]
  readonly indexes: readonly {
    readonly index: string
    readonly has_project: boolean
    readonly asked: boolean
    readonly reason?: string
    readonly mirror?: Mirror
  }[]
}

interface Prepared {
  readonly address: IndexAddress
  readonly project: string
  readonly version: string | undefined
}

/** Of one project, unless all are asked for. */
const MOST_ROWS = 40

export const explain = defineCommand<Prepared>({
  name: 'explain',
  summary: 'Say of each file of a project whether an index shows it, and why not.',
  args: [
    { name: 'INDEX', doc: 'user/index, or the whole address of an index' },
    { name: 'PROJECT', doc: 'a project, or one version of it: PROJECT==VERSION' },
  ],
  options: [
    serverOption,
    { name: 'files', doc: 'List file by file, all of them, with their times.', group: 'Options' },
    jsonOption,
  ],
  examples: [
    'wheelyard explain ada/dev numpy',
    'wheelyard explain https://pypi.example.org/ada/dev numpy==2.1.0 --files',
  ],

  async prepare(given) {
    const [index = '', wanted = ''] = given.args
    const address = readIndexArgument(index, given)
    const [project = '', version, ...more] = wanted.split('==').map((part) => part.trim())
    const isWrong = version === '' || more.length > 0 || !isValidName(project)
    const mistakes = [
      ...(typeof address === 'string' ? [address] : []),
      ...(isWrong ? [`'${wanted}' is neither PROJECT nor PROJECT==VERSION`] : []),
    ]
    if (mistakes.length > 0) throw new UsedWrongly(mistakes)
    return { address: address as IndexAddress, project, version }
  },

  async run({ address, project, version }, given) {
    await using client = openClient(address.server)
    const query = version === undefined ? '' : `?version=${encodeURIComponent(version)}`
    const path = `${address.index}/+explain/${encodeURIComponent(project)}${query}`
    const found = (await client.get(path)) as Explanation
    if (hasFlag(given, 'json')) printJson(given.world, found)
    else printExplanation(given.world, found, hasFlag(given, 'files'))
    if (found.files.length > 0) return 0
    const wanted = version === undefined ? project : `${project} ${version}`
    throw new CommandFailed(`${address.index} knows no file of ${wanted}`)
  },
})

function printExplanation(world: World, found: Explanation, isByFile: boolean): void {
  const { index, project, shown, hidden, files } = found
  world.stdout.write(`${project} on ${index}: ${shown} shown, ${hidden} hidden\n\n`)
  const rows = isByFile ? files.map(rowOfFile) : rowsOfVersions(files)
  const some = isByFile ? rows : rows.slice(0, MOST_ROWS)
  printTable(world, some)
  if (some.length < rows.length) {
    world.stdout.write(`… and ${rows.length - some.length} more: --files lists all\n`)
  }
  if (rows.length > 0) world.stdout.write('\n')
  printTable(world, found.indexes.map(rowOfIndex))
}

const rowOfFile = (file: File): string[] => [
  verdictOf(file),
  file.filename,
  file.index,
  timeOf(file),
  whyOf(file),
]

/** What a cool-down goes by. */
const timeOf = ({ upload_time: uploaded, first_seen: seen }: File): string =>
  uploaded === undefined ? `first seen ${printTime(seen)}` : `uploaded ${printTime(uploaded)}`

/** Files of a version that share their fate are one row. */
function rowsOfVersions(files: readonly File[]): string[][] {
  const groups = Map.groupBy(files, (file) =>
    [file.version, verdictOf(file), file.index, whyOf(file)].join('\0'),
  )
  return [...groups.values()].map((group) => {
    const [first] = group as [File, ...File[]]
    const count = group.length === 1 ? '1 file' : `${group.length} files`
    return [verdictOf(first), first.version, count, first.index, whyOf(first)]
  })
}

const verdictOf = ({ shown }: File): string => (shown ? 'shown' : 'hidden')

function whyOf({ hidden_by: hidden, rehearsed, replaced_upstream: replaced }: File): string {
  const verdict = hidden && printReason(hidden)
  const rehearsal = rehearsed && `would be hidden (observed): ${printReason(rehearsed)}`
  const other =
    replaced && `upstream has other content of this name since ${printTime(replaced.since)}`
  return [verdict ?? rehearsal, other].filter((text) => text !== undefined).join('; ')
}

function printReason({ rule, index, reason, until }: Reason): string {
  const end = until === undefined ? '' : `, until ${printTime(until)}`
  return `${rule} (${index}): ${reason}${end}`
}

function rowOfIndex({
  index,
  has_project: has,
  asked,
  reason,
  mirror,
}: Explanation['indexes'][number]): string[] {
  if (!asked) return [index, 'not asked', reason ?? '']
  const look = mirror?.last_look && printTime(mirror.last_look)
  const how =
    look === undefined ? (mirror?.standing ?? '') : `looked at ${look}, ${mirror?.standing}`
  return [
    index,
    has ? 'has the project' : 'does not have it',
    mirror ? `${mirror.upstream ?? ''} ${how}${printFailing(mirror)}`.trim() : '',
  ]
}

function printFailing({ failing }: Mirror): string {
  if (!failing) return ''
  const end = failing.until === undefined ? '' : `, asked again ${printTime(failing.until)}`
  return `, fails: ${failing.reason ?? 'for no known reason'}${end}`
}

const printTime = (iso: string): string => `${iso.slice(0, 16).replace('T', ' ')} UTC`
