/**
 * The reference pages that are made from the code: settings, commands, differences from devpi-server. Writes them; with `--check` it
 * only compares.
 */
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { commands } from '../src/cli/commands.ts'
import {
  devpiCommands,
  devpiOptions,
  otherDevpiOptions,
  type DevpiOption,
} from '../src/config-devpi.ts'
import { flagOf, namesOf, settingGroups, settings } from '../src/config-settings.ts'
import { variableOf, type Setting } from '../src/config-settings.ts'
import { differences } from '../test/oracle/differences.ts'
import { describeThemeModels } from './theme-models.ts'

const root = join(import.meta.dirname, '..')

/** The text of each page, by its path in the repository. */
export async function generateReference(): Promise<Readonly<Record<string, string>>> {
  return {
    'docs/reference/config.md': describeSettings(),
    'docs/reference/cli.md': await describeCommands(),
    'docs/reference/devpi-options.md': describeDevpiOptions(),
    'docs/reference/devpi-differences.md': await describeDifferences(),
    'docs/reference/theme-models.md': await describeThemeModels(origin),
  }
}

const origin =
  '<!-- Made by scripts/generate-reference.ts from the code; changes here are lost. -->'

async function describeDifferences(): Promise<string> {
  const decisions = await readdir(join(root, 'docs/decisions'))
  const rows = differences.map(({ what, source }) => `| ${what} | ${reasonOf(source, decisions)} |`)
  return `${origin}

# Where answers differ from devpi-server's

The tests tell this server and devpi-server 6.20.3 the same requests and compare what they answer: status, reason
phrase, headers, body, and how many serials a request makes. This is all that differs. Times, serials, tokens and
addresses aside, anything else would be a defect.

| what | because of |
|---|---|
${rows.join('\n')}
`
}

/** The page of a decision, or which text decided. */
function reasonOf(source: string, decisions: readonly string[]): string {
  const number = /^decision (\d+)$/.exec(source)?.[1]?.padStart(4, '0')
  const page = number && decisions.find((name) => name.startsWith(`${number}-`))
  if (page) return `[${source}](../decisions/${page})`
  if (source.startsWith('index-standards')) return 'the packaging standards of today'
  return source === 'devpi-http 11' ? 'a defect of devpi-server' : 'the API leaves it open'
}

function describeSettings(): string {
  return `${origin}

# Settings

Every setting of \`wheelyard serve\` can be given as an option, as an environment variable, or in the TOML file
that \`--config\` names. An option beats the environment, which beats the file, which beats the default. What is
given to devpi-server [counts too](devpi-options.md), behind the variables and the file of these names. The names in
the file are those of the options without their dashes:

\`\`\`toml
dir = "/srv/wheelyard"
port = 8080
mirror-cache-expiry = "10m"
\`\`\`

- A mistake in any of them stops the start, and all mistakes are told at once. A setting that does not exist is
  a mistake, also as a variable that begins with \`WHEELYARD_\`. An empty variable counts as unset.
- Times are written \`250ms\`, \`5s\`, \`30m\`, \`10h\`, \`3d\`, \`2w\`; a number alone counts seconds.
- Sizes are written \`64MB\` (millions of bytes) or \`64MiB\`; a number alone counts bytes.
- A path begins in the working folder, or, in the file, in the folder of the file; \`~/\` is the home folder.
- \`wheelyard admin config\` shows the settings that hold, and where each comes from.

${settingGroups.map(describeGroup).join('\n')}`
}

function describeGroup(group: Setting['group']): string {
  const rows = (settings as readonly Setting[]).filter((setting) => setting.group === group)
  return `## ${group}

| setting | variable | default | |
|---|---|---|---|
${rows.map(describeSetting).join('')}`
}

function describeSetting(setting: Setting): string {
  const { name, type, doc } = setting
  const [, ...aliases] = namesOf(setting)
  const flag = type.placeholder ? `${flagOf(name)} ${type.placeholder}` : flagOf(name)
  const short = setting.short ? `, \`-${setting.short}\`` : ''
  const also = aliases.length > 0 ? ` Also \`${aliases.map(flagOf).join('`, `')}\`.` : ''
  const fallback = setting.default === undefined ? '' : `\`${setting.default}\``
  return `| \`${flag}\`${short} | \`${variableOf(name)}\` | ${fallback} | ${doc}${also} |\n`
}

function describeDevpiOptions(): string {
  const commandRows = Object.entries(devpiCommands).map(
    ([name, ours]) => `| \`${name}\` | ${ours} |\n`,
  )
  return `${origin}

# devpi's options and commands

How to move them is told [elsewhere](../how-to/move-devpi-options.md).

## Options

Each option of devpi-server 6.20 and devpi-web 5.1 can be given to \`wheelyard serve\` as an option, as a variable
(\`DEVPISERVER_\` and the name), and in the file that \`--configfile\` names.

| option | here |
|---|---|
${devpiOptions.map(describeDevpiOption).join('')}
Options that only other commands of devpi have:

| option | here |
|---|---|
${otherDevpiOptions.map(({ name, here }) => `| \`${flagOf(name)}\` | ${here} |\n`).join('')}
## Commands

| command | here |
|---|---|
${commandRows.join('')}`
}

function describeDevpiOption({ name, placeholder, end }: DevpiOption): string {
  const flag = placeholder ? `${flagOf(name)} ${placeholder}` : flagOf(name)
  return `| \`${flag}\` | ${describeEnd(name, end)} |\n`
}

function describeEnd(name: string, end: DevpiOption['end']): string {
  if ('without' in end) return `changes nothing: ${end.without}`
  if ('setting' in end) {
    const value = end.value === undefined ? '' : ` ${end.value}`
    const isSame = end.setting === name && value === ''
    return isSame ? 'the same' : `\`${flagOf(end.setting)}${value}\``
  }
  const except = end.except
    ? `; ${end.except.map((value) => `\`${value}\``).join(' and ')} are taken`
    : ''
  return `refused: ${end.instead}${except}`
}

async function describeCommands(): Promise<string> {
  const known = await Promise.all(commands.map((entry) => entry.load()))
  const list = known.map(
    ({ name, summary }) => `| [\`${name}\`](#${anchorOf(name)}) | ${summary} |\n`,
  )
  const parts = known.map(
    (command) => `## ${command.name}\n\n\`\`\`text\n${command.help(80)}\`\`\`\n`,
  )
  return `${origin}

# Commands

| command | |
|---|---|
${list.join('')}
The exit code is 0 when the work is done, 1 when it was refused or failed, and 2 when the command was used
wrongly. Results go to standard output; all else goes to standard error, with \`Error:\` in front of what went
wrong and \`Try:\` in front of what may help. \`--help\` is an option everywhere, and \`wheelyard --version\` prints
the version.

${parts.join('\n')}`
}

/** As renderers make an anchor of a heading. */
function anchorOf(heading: string): string {
  return heading.replaceAll(' ', '-')
}

async function main(isCheck: boolean): Promise<number> {
  let stale = 0
  for (const [path, text] of Object.entries(await generateReference())) {
    const file = join(root, path)
    const present = await readFile(file, 'utf8').catch(() => '')
    if (present === text) continue
    stale++
    if (isCheck) console.error(`${path} is out of date: run node scripts/generate-reference.ts`)
    else {
      await mkdir(dirname(file), { recursive: true })
      await writeFile(file, text)
      console.log(`${path} written`)
    }
  }
  return isCheck && stale > 0 ? 1 : 0
}

if (import.meta.main) process.exitCode = await main(process.argv.includes('--check'))
