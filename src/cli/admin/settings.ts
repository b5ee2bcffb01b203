/** The options of commands that read the server's settings, made from the one table. */
import { readConfig, type LoadedConfig } from '#config'
import { devpiOptions } from '#config-devpi'
import { namesOf, settings, type Setting, type SettingName } from '#config-settings'
import type { CommandOption, Given } from '../command.ts'

/** The options for all settings, or for some. */
export function settingOptions(...names: readonly SettingName[]): CommandOption[] {
  return (settings as readonly Setting[])
    .filter(({ name }) => names.length === 0 || (names as readonly string[]).includes(name))
    .map(({ name, aliases, short, type, doc, group, ...setting }) => ({
      name,
      placeholder: type.placeholder,
      doc: type.placeholder && setting.default ? `${doc} [${setting.default}]` : doc,
      group: names.length === 0 ? group : 'Options',
      ...(aliases && { aliases }),
      ...(short && { short }),
    }))
}

/** devpi's options that are no settings, so that each can be answered. The help does not show them. */
export function devpiOnlyOptions(...names: readonly string[]): CommandOption[] {
  const known = (settings as readonly Setting[]).flatMap(namesOf)
  return devpiOptions
    .filter(({ name }) => !known.includes(name) && (names.length === 0 || names.includes(name)))
    .map(({ name, placeholder }) => ({ name, placeholder, doc: '', isHidden: true }))
}

/** What a command needs that works on a data folder: where it is. */
export const dataFolderOptions = (): CommandOption[] => [
  ...settingOptions('dir', 'config', 'configfile'),
  ...devpiOnlyOptions('storage', 'keyfs-cache-size', 'debug', 'logger-cfg'),
]

export function readSettings({ flags, world }: Given): Promise<LoadedConfig> {
  return readConfig({ flags, env: world.env, cwd: world.cwd })
}

export const jsonOption: CommandOption = {
  name: 'json',
  doc: 'Print the result as JSON.',
  group: 'Options',
}
