/** The options of commands that read the server's settings, made from the one table. */
import { readConfig, type LoadedConfig } from '#config'
import { settings, type Setting, type SettingName } from '#config-settings'
import type { CommandOption, Given } from '../command.ts'

/** The options for all settings, or for some. */
export function settingOptions(...names: readonly SettingName[]): CommandOption[] {
  return (settings as readonly Setting[])
    .filter(({ name }) => names.length === 0 || (names as readonly string[]).includes(name))
    .map(({ name, aliases, type, doc, group, ...setting }) => ({
      name,
      placeholder: type.placeholder,
      doc: type.placeholder && setting.default ? `${doc} [${setting.default}]` : doc,
      group: names.length === 0 ? group : 'Options',
      ...(aliases && { aliases }),
    }))
}

export function readSettings({ flags, world }: Given): Promise<LoadedConfig> {
  return readConfig({ flags, env: world.env, cwd: world.cwd })
}

export const jsonOption: CommandOption = {
  name: 'json',
  doc: 'Print the result as JSON.',
  group: 'Options',
}
