/** The settings a server runs with: read once, from flags, environment and file, then frozen. */
import { BlockList, isIPv6 } from 'node:net'
import { UsedWrongly } from '#base/used-wrongly'
import { findContradictions, listenPlaces } from './config-places.ts'
import { findDocsHostMistakes, findDocsHostNotes } from './config-docs-host.ts'
import { settings, type Setting, type SettingRow } from './config-settings.ts'
import { file, type SettingType } from './config-types.ts'
import { findDevpiFile, readDevpiEnvironment, readDevpiFile } from './config-devpi-sources.ts'
import { readEnvironment, readFlags, readSettingsFile } from './config-sources.ts'
import type { Environment, Found, GivenFlag, Source } from './config-sources.ts'

type Camel<Name extends string> = Name extends `${infer Head}-${infer Tail}`
  ? `${Head}${Capitalize<Camel<Tail>>}`
  : Name

type ValueOf<Row> = Row extends { type: SettingType<infer V> }
  ? Row extends { default: string }
    ? V
    : V | undefined
  : never

/** One member per setting, in camel case: `mirror-cache-expiry` is `mirrorCacheExpiry`. Times are ms. */
export type Config = { readonly [Row in SettingRow as Camel<Row['name']>]: ValueOf<Row> }

/** A setting as it holds, for people to read. */
export interface EffectiveSetting {
  readonly name: string
  /** Undefined where it is not set and has no default. Without passwords. */
  readonly text: string | undefined
  /** Where it comes from: a flag, a variable, a file, or `the default`. */
  readonly from: string
}

export interface ConfigSources {
  readonly flags: readonly GivenFlag[]
  readonly env: Environment
  readonly cwd: string
}

export interface LoadedConfig {
  readonly config: Config
  readonly settings: readonly EffectiveSetting[]
  /** What whoever gave them should know. */
  readonly notes: readonly string[]
}

/** Flag beats environment beats file beats default; ours beat devpi's. Throws `UsedWrongly` with all that is wrong in any of them. */
export async function readConfig({ flags, env, cwd }: ConfigSources): Promise<LoadedConfig> {
  const near = [readFlags(flags, cwd), readEnvironment(env, cwd), readDevpiEnvironment(env, cwd)]
  const sources = [...near, ...(await settingsFile(near)), ...(await devpiFile(near, env, cwd))]
  const mistakes = sources.flatMap((source) => source.mistakes)
  const values: Record<string, unknown> = {}
  const effective: EffectiveSetting[] = []

  for (const setting of settings as readonly Setting[]) {
    // A mistake is reported also where something stronger overrules it: it would strike later.
    const all = sources.flatMap((source) => source.found.get(setting.name) ?? [])
    const results = all.map((found) => ({ found, ...parseFound(setting, found) }))
    mistakes.push(...results.flatMap(({ mistake }) => mistake ?? []))
    const value = results[0]?.value ?? defaultOf(setting, cwd)
    values[camelCase(setting.name)] = value
    effective.push({
      name: setting.name,
      text: value === undefined ? undefined : setting.type.print(value),
      from: results[0] ? originOf(results[0].found) : 'the default',
    })
  }

  const config = values as Config
  if (mistakes.length === 0) {
    mistakes.push(...findContradictions(config), ...findDocsHostMistakes(config))
  }
  if (mistakes.length > 0) throw new UsedWrongly(mistakes)
  const notes = [...sources.flatMap((source) => source.notes ?? []), ...findDocsHostNotes(config)]
  return { config: Object.freeze(config), settings: effective, notes }
}

/** The defaults with some changes, where a program sets up a server rather than a person. */
export function makeConfig(changes: Partial<Config>, cwd: string): Config {
  const defaults = (settings as readonly Setting[]).map(
    (setting) => [camelCase(setting.name), defaultOf(setting, cwd)] as const,
  )
  return Object.freeze({ ...Object.fromEntries(defaults), ...changes }) as Config
}

const loopback = new BlockList()
loopback.addSubnet('127.0.0.0', 8, 'ipv4')
loopback.addAddress('::1', 'ipv6')

/** Whether only this machine can reach a server that listens on `host`. */
export function isLoopback(host: string): boolean {
  if (host.toLowerCase() === 'localhost') return true
  return loopback.check(host, isIPv6(host) ? 'ipv6' : 'ipv4')
}

/** The first host to listen on that other machines can reach; undefined where only this one can. */
export function findExposed(config: Config): string | undefined {
  for (const place of listenPlaces(config)) {
    if ('host' in place && !isLoopback(place.host)) return place.host
  }
  return undefined
}

async function settingsFile(near: readonly Source[]): Promise<Source[]> {
  const { path, found } = namedFile(near, 'config') ?? {}
  return path === undefined || !found ? [] : [await readSettingsFile(path, found)]
}

/** devpi's file: the one that is named, or else, where no file of ours is, the one in devpi's usual places. */
async function devpiFile(
  near: readonly Source[],
  env: Environment,
  cwd: string,
): Promise<Source[]> {
  const named = namedFile(near, 'configfile')
  if (named)
    return named.path === undefined ? [] : [await readDevpiFile(named.path, cwd, named.found)]
  const usual = namedFile(near, 'config') ? undefined : findDevpiFile(env)
  if (usual === undefined) return []
  const source = await readDevpiFile(usual, cwd, undefined)
  const note = `${usual} is read, as devpi-server would; --configfile names another`
  return [{ ...source, notes: [note, ...(source.notes ?? [])] }]
}

function namedFile(near: readonly Source[], name: 'config' | 'configfile') {
  const found = near.flatMap((source) => source.found.get(name) ?? [])[0]
  if (!found) return undefined
  return { path: file.parse(found.text, found.folder), found }
}

function parseFound(setting: Setting, found: Found): { value?: unknown; mistake?: string } {
  let problem = `'${found.text}' is not ${setting.type.expected}`
  try {
    const value = setting.type.parse(found.text, found.folder)
    if (value !== undefined) return { value }
  } catch (error) {
    problem = (error as Error).message
  }
  return { mistake: `${found.spelling}: ${problem} (from ${found.from})` }
}

function defaultOf(setting: Setting, cwd: string): unknown {
  return setting.default === undefined ? undefined : setting.type.parse(setting.default, cwd)
}

function originOf({ from, spelling }: Found): string {
  return from === 'the environment' ? `the environment (${spelling})` : from
}

function camelCase(name: string): string {
  return name.replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase())
}
