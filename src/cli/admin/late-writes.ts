/** `wheelyard admin late-writes`: what a former primary wrote that its group went on without. */
import type { LateWrites } from '#app-late-writes'
import { defineCommand, hasFlag } from '../command.ts'
import { printJson, printTable } from '../output.ts'
import type { World } from '../world.ts'
import { dataFolderOptions, jsonOption, readSettings } from './settings.ts'
import { assertDataFolder } from './store.ts'

export const lateWrites = defineCommand({
  name: 'admin late-writes',
  summary: 'List what was written here and is not on the server that was promoted instead.',
  about:
    'On a former primary these changes are in its ledger until it is started as a replica of the new one; then ' +
    'they lie in a folder, with their files. Changes nothing, and may run beside the server.',
  options: [...dataFolderOptions(), jsonOption],
  examples: ['wheelyard admin late-writes --dir /srv/wheelyard'],
  prepare: readSettings,

  async run({ config }, given) {
    await assertDataFolder(config)
    const { withLateWrites } = await import('#app-late-writes')
    return withLateWrites(config, async (found) => {
      if (hasFlag(given, 'json')) {
        const all = found.map(async ({ changes, ...facts }) => ({
          ...facts,
          changes: await Array.fromAsync(changes()),
        }))
        printJson(given.world, await Promise.all(all))
      } else {
        if (found.length === 0) given.world.stderr.write('Nothing was written too late here.\n')
        for (const one of found) await print(given.world, one)
      }
      return 0
    })
  },
})

async function print(world: World, late: LateWrites): Promise<void> {
  const { folder, epoch, primaryUrl, from, missing } = late
  const { stdout, stderr } = world
  stdout.write(`Not in epoch ${epoch}${primaryUrl === undefined ? '' : `, of ${primaryUrl}`}, `)
  stdout.write(
    folder === undefined ? 'and still in the ledger here:\n' : `and set aside in ${folder}:\n`,
  )
  if (folder === undefined && from === undefined) {
    stderr.write('Which changes these are is found out when it is started as a replica.\n')
    return
  }
  const rows: string[][] = []
  for await (const { serial, at, actor, paths } of late.changes()) {
    rows.push(...paths.map((path) => [`${serial}`, at, actor, path]))
  }
  printTable(world, [['serial', 'at', 'who', 'what'], ...rows])
  for (const path of missing) stdout.write(`its file was not here: ${path}\n`)
}
