/** `wheelyard admin bundle`: a stretch of the ledger with its files, in one signed file. */
import { resolve } from 'node:path'
import { printSize } from '#base/duration'
import { UsedWrongly } from '#base/used-wrongly'
import { defineCommand, flagValue, hasFlag, type Given } from '../command.ts'
import { printJson } from '../output.ts'
import { dataFolderOptions, jsonOption, readSettings, settingOptions } from './settings.ts'
import { assertDataFolder } from './store.ts'

export const bundle = defineCommand({
  name: 'admin bundle',
  summary:
    'Write changes and their files into one signed file, for a replica that no network reaches.',
  about:
    '`wheelyard admin import-bundle` takes it over there. It holds all changes from one serial to another, hashes of ' +
    'passwords included, and the files that are on indexes at the last of them. May run beside the server.',
  args: [
    {
      name: 'FILE',
      doc: 'where it goes; otherwise wheelyard-FROM-TO.bundle in this folder',
      isOptional: true,
    },
  ],
  options: [
    { name: 'from', placeholder: 'SERIAL', doc: 'The first change. [0]', group: 'Options' },
    {
      name: 'to',
      placeholder: 'SERIAL',
      doc: 'The last change. [the last there is]',
      group: 'Options',
    },
    { name: 'no-files', doc: 'Leave the files out, only the changes go in.', group: 'Options' },
    ...settingOptions('secret-file'),
    ...dataFolderOptions(),
    jsonOption,
  ],
  examples: [
    'wheelyard admin bundle --from 1042 --dir /srv/wheelyard --secret-file /etc/wheelyard/secret',
  ],

  async prepare(given) {
    const { config } = await readSettings(given)
    const [name] = given.args
    const at = (file: string): string => resolve(given.world.cwd, file)
    const file = (from: number, to: number): string => at(name ?? `wheelyard-${from}-${to}.bundle`)
    const range = { from: readSerial(given, 'from'), to: readSerial(given, 'to') }
    return { config, wish: { ...range, file, withBlobs: !hasFlag(given, 'no-files') } }
  },

  async run({ config, wish }, given) {
    await assertDataFolder(config)
    const { makeBundle } = await import('#app-bundle')
    const made = await makeBundle(config, wish)
    const { stdout, stderr } = given.world
    const { file, from, to, blobs, missing, bytes } = made
    if (hasFlag(given, 'json')) printJson(given.world, made)
    else stdout.write(`${file}: changes ${from} to ${to}, ${blobs} files, ${printSize(bytes)}\n`)
    if (missing > 0) stderr.write(`${missing} files are not here, and not in it.\n`)
    return 0
  },
})

function readSerial(given: Given, name: string): number | undefined {
  const text = flagValue(given, name)
  if (text === undefined) return undefined
  if (/^\d{1,15}$/.test(text)) return Number(text)
  throw new UsedWrongly([`--${name}: '${text}' is no serial, which is a number from 0 on`])
}
