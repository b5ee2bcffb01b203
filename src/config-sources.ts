/** What the flags, the environment and the file say, as texts: nothing is judged here but names and form. */
import { readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { findNearest } from '#base/nearest'
import { whyUnreadable } from '#base/why-not'
import {
  collect,
  findDevpiOption,
  takeDevpiOption,
  type Collected,
} from './config-devpi-sources.ts'
import { flagOf, namesOf, settings, variableOf, type Setting } from './config-settings.ts'

export type Environment = Readonly<Record<string, string | undefined>>

/** A flag as it was given; a switch, or one whose value was forgotten, has no value. */
export interface GivenFlag {
  readonly name: string
  readonly value: string | undefined
}

/** One text for one setting, and where it stands. */
export interface Found {
  /** The setting as that source spells it. */
  readonly spelling: string
  readonly text: string
  /** Completes "(from …)". */
  readonly from: string
  /** Where relative paths begin. */
  readonly folder: string
}

export interface Source {
  readonly found: ReadonlyMap<string, Found>
  readonly mistakes: readonly string[]
  /** What its reader should know, without having to change anything. */
  readonly notes?: readonly string[]
}

export const commandLine = 'the command line'
const rows: readonly Setting[] = settings

export function readFlags(flags: readonly GivenFlag[], folder: string): Source {
  const source = collect()
  for (const { name, value } of flags) {
    const setting = rows.find((row) => namesOf(row).includes(name))
    const option = setting ? undefined : findDevpiOption(name)
    if (!setting && !option) continue
    const spelling = flagOf(name)
    const given = { spelling, text: value ?? 'yes', from: commandLine, folder }
    if (value === undefined && (setting?.type ?? option)?.placeholder !== undefined) {
      const expected = setting?.type.expected ?? option?.placeholder
      source.mistakes.push(`${spelling}: needs a value, ${expected} (from ${commandLine})`)
    } else if (option) takeDevpiOption(source, option, given)
    else if (setting) addFlag(source, setting, given)
  }
  return source
}

function addFlag({ found }: Collected, { name, isList }: Setting, given: Found): void {
  const before = isList ? found.get(name) : undefined
  found.set(name, before ? { ...given, text: `${before.text} ${given.text}` } : given)
}

/** An empty variable counts as unset. */
export function readEnvironment(env: Environment, folder: string): Source {
  const found = new Map<string, Found>()
  for (const setting of rows) {
    for (const variable of namesOf(setting).map(variableOf)) {
      const text = env[variable]
      if (!text || found.has(setting.name) || isClusterVariable(variable, text)) continue
      found.set(setting.name, { spelling: variable, text, from: 'the environment', folder })
    }
  }
  return { found, mistakes: unknownVariables(env) }
}

/** Kubernetes sets these in every pod that runs beside a service called wheelyard. */
function isClusterVariable(name: string, text = ''): boolean {
  if (/^WHEELYARD_(SERVICE_|PORT_\d+_)/.test(name)) return true
  return name === 'WHEELYARD_PORT' && /^(tcp|udp):\/\//.test(text)
}

function unknownVariables(env: Environment): string[] {
  const known = rows.flatMap((row) => namesOf(row).map(variableOf))
  return Object.keys(env)
    .filter((name) => /^WHEELYARD_(?!TEST_|BENCH_)/.test(name) && !known.includes(name))
    .filter((name) => !isClusterVariable(name) && env[name])
    .map(
      (name) =>
        `${name}: there is no such setting${didYouMean(name, known)} (from the environment)`,
    )
}

/** The settings file. One that cannot be read, or is no TOML, is a mistake of whoever named it. */
export async function readSettingsFile(path: string, namedBy: Found): Promise<Source> {
  const table = await parseSettingsFile(path)
  if (typeof table === 'string') {
    const mistake = `${namedBy.spelling}: ${path} ${table} (from ${namedBy.from})`
    return { found: new Map(), mistakes: [mistake] }
  }

  const found = new Map<string, Found>()
  const mistakes: string[] = []
  const known = rows.filter((row) => row.name !== 'config').flatMap(namesOf)
  for (const [spelling, value] of Object.entries(table)) {
    const setting = rows.find((row) => known.includes(spelling) && namesOf(row).includes(spelling))
    const text = textOf(value, setting)
    if (!setting) {
      mistakes.push(
        `${spelling}: there is no such setting${didYouMean(spelling, known)} (from ${path})`,
      )
    } else if (text === undefined) {
      mistakes.push(`${spelling}: a list or table is not ${setting.type.expected} (from ${path})`)
    } else {
      found.set(setting.name, { spelling, text, from: path, folder: dirname(path) })
    }
  }
  return { found, mistakes }
}

/** The table, or what is wrong with the file, to follow its name in a sentence. */
async function parseSettingsFile(path: string): Promise<Record<string, unknown> | string> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    return `cannot be read: ${whyUnreadable(error)}`
  }
  const { parse } = await import('smol-toml')
  try {
    return parse(text)
  } catch (error) {
    const { line, message } = error as { line?: number; message: string }
    const hint = /\.ya?ml$/.test(path) ? '; --configfile reads a YAML file of devpi' : ''
    return `is not valid TOML, line ${line ?? '?'}: ${message.split('\n', 1)[0]}${hint}`
  }
}

function textOf(value: unknown, setting?: Setting): string | undefined {
  if (typeof value === 'string') return value
  if (setting?.isList && Array.isArray(value)) {
    return value.every((one) => typeof one === 'string') ? value.join(' ') : undefined
  }
  return ['number', 'bigint', 'boolean'].includes(typeof value) ? String(value) : undefined
}

function didYouMean(name: string, names: readonly string[]): string {
  const nearest = findNearest(name, names)
  return nearest ? `; did you mean ${nearest}?` : ''
}
