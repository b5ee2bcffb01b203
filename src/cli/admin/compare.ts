/** `wheelyard admin compare`: reads two servers, and prints whatever they have otherwise. */
import { UsedWrongly } from '#base/used-wrongly'
import type { Compared, Difference } from '#client/compare'
import { defineCommand, hasFlag, type Given } from '../command.ts'
import { printJson } from '../output.ts'
import { jsonOption } from './settings.ts'

const OWN = 'http://127.0.0.1:3141/'

export const compare = defineCommand({
  name: 'admin compare',
  summary:
    'Print every difference between two servers, such as a devpi-server and what follows it.',
  about:
    'It reads users, indexes, projects, releases with their links, the pages that installers get, and the bytes of ' +
    'all files, documentation and test results. It asks as anybody does: with root:PASSWORD@ in an address it ' +
    'also sees what is kept from others. The exit code is 1 if something differs.',
  args: [
    { name: 'URL', doc: 'A devpi-server, or a Wheelyard.' },
    { name: 'OTHER', doc: `The one to compare it with. [${OWN}]`, isOptional: true },
  ],
  options: [
    {
      name: 'no-files',
      doc: 'Believe what is said of the bytes of files, and do not read them.',
      group: 'Options',
    },
    {
      name: 'mirrors',
      doc: 'Compare the pages of mirrors too, for all projects they list: both may ask their upstream.',
      group: 'Options',
    },
    jsonOption,
  ],
  examples: [
    'wheelyard admin compare http://devpi.example.com:3141/',
    'wheelyard admin compare https://root:secret@devpi.example.com/ http://root:secret@127.0.0.1:3142/',
  ],

  async prepare({ args }) {
    const mistakes: string[] = []
    const [first, second = OWN] = args
    const sides = [first ?? OWN, second].map((text) => readAddress(text, mistakes))
    if (mistakes.length > 0) throw new UsedWrongly(mistakes)
    return sides
  },

  async run(sides, given) {
    const { openClient } = await import('#client/client')
    const { withLogin } = await import('#client/log-in')
    const { compareServers } = await import('#client/compare')
    const [one, other] = sides
    if (!one || !other) return 2
    await using first = openClient(await withLogin(one))
    await using second = openClient(await withLogin(other))
    const found: Difference[] = []
    const isJson = hasFlag(given, 'json')
    const counts = await compareServers(first, second, {
      withFiles: !hasFlag(given, 'no-files'),
      withMirrors: hasFlag(given, 'mirrors'),
      onDifference(difference) {
        if (isJson) found.push(difference)
        else given.world.stdout.write(`${describe(difference)}\n`)
      },
    })
    if (isJson) printJson(given.world, { ...counts, found: found.map(withNulls) })
    else printCounts(given, counts)
    return counts.differences === 0 ? 0 : 1
  },
})

function readAddress(text: string, mistakes: string[]): URL | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url && /^https?:$/.test(url.protocol)) return url
  mistakes.push(`${text} is no address such as https://devpi.example.com/`)
  return undefined
}

/** A line, whatever a server says. */
function describe({ where, what, first, second }: Difference): string {
  const line = `${where}: ${what}: ${show(first)} / ${show(second)}`
  return line.replaceAll(/[\p{Cc}\p{Cf}]/gu, ' ')
}

const LONGEST = 200

function show(value: unknown): string {
  if (value === undefined) return '(none)'
  const text = JSON.stringify(value)
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text
}

/** In JSON each side has its member, be there anything or not. */
const withNulls = ({ first = null, second = null, ...place }: Difference) => ({
  ...place,
  first,
  second,
})

function printCounts({ world }: Given, counts: Compared): void {
  const { users, indexes, projects, releases, pages, files, differences } = counts
  const read =
    `${users} users, ${indexes} indexes, ${projects} projects, ${releases} releases, ` +
    `${pages} pages, ${files} files`
  world.stderr.write(`${differences} differences; compared: ${read}\n`)
}
