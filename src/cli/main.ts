/** From the words of the command line to a command to an exit code. */
import { findNearest } from '#base/nearest'
import { UsedWrongly } from '#base/used-wrongly'
import { VERSION } from '#version'
import { commands, listCommands } from './commands.ts'
import { describeFailure } from './failure.ts'
import { printError } from './output.ts'
import type { World } from './world.ts'

/** 0: done. 1: refused or failed. 2: used wrongly. */
export async function main(world: World): Promise<number> {
  const help = world.argv[0] === 'help'
  const argv = help ? [...world.argv.slice(1), '--help'] : world.argv
  const first = argv.findIndex((word) => word.startsWith('-'))
  const words = first < 0 ? argv : argv.slice(0, first)
  const called = commands.find(
    ({ name }) => name === words.slice(0, name.split(' ').length).join(' '),
  )
  try {
    if (!called) return await showCommands(world, words, argv.slice(words.length))
    const command = await called.load()
    return await command.call(argv.slice(called.name.split(' ').length), world)
  } catch (error) {
    return tellFailure(world, error, called?.name)
  }
}

/** What is left where no command was called: a list of them, the version, or a word we don't know. */
async function showCommands(
  world: World,
  words: readonly string[],
  flags: readonly string[],
): Promise<number> {
  if (words.length === 0 && flags[0] === '--version') {
    world.stdout.write(`${VERSION}\n`)
    return 0
  }
  if (listCommands(words).length === 0) throw new UsedWrongly([tellUnknownCommand(words)])
  const wantsHelp = ['-h', '--help'].includes(flags[0] ?? '')
  if (flags.length > 0 && !wantsHelp) {
    throw new UsedWrongly([`${flags[0]}: there is no such option before a command`])
  }

  const text = await printCommands(words)
  if (wantsHelp) world.stdout.write(text)
  else world.stderr.write(text)
  return wantsHelp ? 0 : 2
}

async function printCommands(words: readonly string[]): Promise<string> {
  const known = await Promise.all(listCommands(words).map((entry) => entry.load()))
  const width = Math.max(...known.map(({ name }) => name.length))
  const lines = known.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}\n`)
  const group = ['wheelyard', ...words].join(' ')
  return `Usage: ${group} COMMAND [options]

Commands:
${lines.join('')}
${group} COMMAND --help says more about each${words.length === 0 ? '; --version tells the version' : ''}.
`
}

/** What people who know devpi may type: the ends of its commands' names. */
const devpiNames: Readonly<Record<string, string>> = {
  server: "use 'serve'",
  init: "use 'admin init'",
  passwd: "use 'admin passwd'",
  fsck: "use 'admin verify'",
  'gen-config': "use 'admin gen-config'",
  'gen-secret': "use 'admin gen-secret'",
  import: "use 'admin import-devpi'",
  export: "use 'admin export-devpi'",
  'clear-search-index': "use 'admin reindex'",
}

function tellUnknownCommand(words: readonly string[]): string {
  const names = commands.flatMap(({ name }) => [name, name.split(' ')[0]!])
  const typed = words.slice(0, 2).join(' ')
  const known =
    devpiNames[
      typed
        .replace(/^admin /, '')
        .replace(/^devpi-/, '')
        .split(' ', 1)[0]!
    ]
  if (known) return `there is no command '${typed}'; ${known}`
  const nearest = findNearest(typed, names) ?? findNearest(words[0]!, names)
  return `there is no command '${typed}'${nearest ? `; did you mean '${nearest}'?` : ''}`
}

function tellFailure({ stderr }: World, error: unknown, command: string | undefined): number {
  if (error instanceof UsedWrongly) {
    for (const mistake of error.mistakes) printError(stderr, mistake)
    stderr.write(`Try: wheelyard ${command ? `${command} ` : ''}--help\n`)
    return error.exitCode
  }
  const { message, tries } = describeFailure(error)
  printError(stderr, message, tries)
  return 1
}
