/** What devpi's variables and its YAML file say, as texts for our settings. */
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { UsedWrongly } from '#base/used-wrongly'
import { whyUnreadable } from '#base/why-not'
import { devpiOptions, otherDevpiOptions, type DevpiOption } from './config-devpi.ts'
import { settings, type Setting } from './config-settings.ts'
import { toggle } from './config-types.ts'
import type { Environment, Found, Source } from './config-sources.ts'

/** A source while it is read. */
export interface Collected extends Source {
  readonly found: Map<string, Found>
  readonly mistakes: string[]
  readonly notes: string[]
}

export const collect = (): Collected => ({ found: new Map(), mistakes: [], notes: [] })

export const findDevpiOption = (name: string): DevpiOption | undefined =>
  devpiOptions.find((option) => option.name === name)

/** Adds what an option of devpi means here. */
export function takeDevpiOption(source: Collected, option: DevpiOption, given: Found): void {
  const { spelling, text, from } = given
  const { end, placeholder } = option
  const isSwitch = placeholder === undefined
  const isOn = isSwitch ? toggle.parse(text, given.folder) : true
  if (isOn === undefined) {
    source.mistakes.push(`${spelling}: '${text}' is not ${toggle.expected} (from ${from})`)
  } else if ('setting' in end) {
    if (end.value === undefined) source.found.set(end.setting, given)
    else if (isOn) source.found.set(end.setting, { ...given, text: end.value })
  } else if (!isOn) return
  else if ('without' in end)
    source.notes.push(`${spelling} changes nothing: ${end.without} (from ${from})`)
  else if (!end.except?.includes(text.split(':', 1)[0]!)) {
    const said = isSwitch ? spelling : `${spelling} ${text}`
    source.mistakes.push(`${said}: ${end.instead} (from ${from})`)
  }
}

/** `DEVPISERVER_OUTSIDE_URL` and the like. An empty variable counts as unset. */
export function readDevpiEnvironment(env: Environment, folder: string): Source {
  const source = collect()
  for (const option of devpiOptions) {
    const spelling = `DEVPISERVER_${option.name.toUpperCase().replaceAll('-', '_')}`
    const text = env[spelling]
    if (text) takeDevpiOption(source, option, { spelling, text, from: 'the environment', folder })
  }
  const text = env.DEVPI_SERVERDIR
  if (text) {
    const spelling = 'DEVPI_SERVERDIR'
    source.found.set('dir', { spelling, text, from: 'the environment', folder })
    source.notes.push(`${spelling} is an old name of DEVPISERVER_SERVERDIR (from the environment)`)
  }
  return source
}

/** The file of options that is in devpi's usual places: the last of them counts. */
export function findDevpiFile(env: Environment): string | undefined {
  const home = env.HOME ?? homedir()
  const mac = 'Library/Application Support'
  const folders =
    process.platform === 'darwin'
      ? [`/${mac}`, join(home, mac)]
      : [
          ...(env.XDG_CONFIG_DIRS || '/etc/xdg').split(':'),
          env.XDG_CONFIG_HOME || join(home, '.config'),
        ]
  return folders
    .map((folder) => join(folder, 'devpi-server', 'devpi-server.yml'))
    .findLast((path) => existsSync(path))
}

/** A YAML file with the section `devpi-server`. `namedBy` is how somebody named it, if anybody did. */
export async function readDevpiFile(
  path: string,
  folder: string,
  namedBy: Found | undefined,
): Promise<Source> {
  const source = collect()
  const section = await readSection(path)
  if (typeof section === 'object') {
    for (const [name, value] of section) takeEntry(source, String(name), value, { path, folder })
  } else if (section !== undefined) {
    const spelling = namedBy ? `${namedBy.spelling}: ` : ''
    source.mistakes.push(`${spelling}${path} ${section}`)
  } else if (namedBy)
    source.notes.push(`${path} has no section devpi-server: nothing was read from it`)
  return source
}

function takeEntry(
  source: Collected,
  name: string,
  value: unknown,
  { path, folder }: { path: string; folder: string },
): void {
  const option = findDevpiOption(name)
  if (!option) {
    const isOther = otherDevpiOptions.some((one) => one.name === name)
    const note = `${name} is for another command of devpi (from ${path})`
    source.notes.push(isOther ? note : `Unknown devpi-server option '${name}' in ${path}`)
    return
  }
  const text = textOf(option, value)
  const given = { spelling: name, text: text ?? '', from: path, folder }
  if (text === undefined) {
    source.mistakes.push(`${name}: a list or mapping is no value of it (from ${path})`)
  } else if (text !== '' && name !== 'configfile') takeDevpiOption(source, option, given)
}

/** A list where the setting is one; of `storage` the name. */
function textOf({ name, end }: DevpiOption, value: unknown): string | undefined {
  if (typeof value === 'string') return value
  if (name === 'storage' && value instanceof Map) return String(value.get('name'))
  const setting = 'setting' in end ? end.setting : undefined
  const row = (settings as readonly Setting[]).find((one) => one.name === setting)
  const isList = row?.isList === true && Array.isArray(value)
  return isList && value.every((one) => typeof one === 'string') ? value.join(' ') : undefined
}

/** The section; undefined where there is none; or what is wrong with the file, to follow its name in a sentence. */
async function readSection(
  path: string,
): Promise<ReadonlyMap<unknown, unknown> | string | undefined> {
  // It would be one scalar, and ignored.
  if (path.endsWith('.toml')) return "is no YAML file of devpi's; --config reads a TOML file"
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    return `cannot be read: ${whyUnreadable(error)}`
  }
  const { parseDocument } = await import('yaml')
  // All scalars are texts, as devpi has them.
  const document = parseDocument(text, { schema: 'failsafe', logLevel: 'silent' })
  let top: unknown
  try {
    top = document.toJS({ mapAsMap: true, maxAliasCount: 100 })
  } catch (error) {
    document.errors.push(error as (typeof document.errors)[number]) // an alias of nothing, or of too much
  }
  const [error] = document.errors
  if (error) return `is not valid YAML: ${error.message.split('\n', 1)[0]!.replace(/:$/, '')}`
  if (Array.isArray(top)) throw sequence(path, 'The config file')
  const section: unknown = top instanceof Map ? top.get('devpi-server') : undefined
  if (Array.isArray(section)) throw sequence(path, "The 'devpi-server' section")
  return section instanceof Map ? section : undefined
}

const sequence = (path: string, what: string): UsedWrongly =>
  new UsedWrongly([`${path}: ${what} must be a mapping, not a sequence.`], 4)
