/** `wheelyard admin import-files`: a folder of wheels and sdists goes into an index. */
import { resolve } from 'node:path'
import { openWorkshop } from '#app-workshop'
import { UsedWrongly } from '#base/used-wrongly'
import { defineCommand, hasFlag } from '../command.ts'
import { printJson } from '../output.ts'
import { dataFolderOptions, jsonOption, readSettings } from './settings.ts'
import { assertDataFolder } from './store.ts'

export const importFiles = defineCommand({
  name: 'admin import-files',
  summary: 'Take a folder of wheels and sdists into an index: all of it, or nothing.',
  about:
    'Into a stage they go as uploads of root, with the same checks. A mirror takes files that it knows by their ' +
    'SHA-256. May run beside the server.',
  args: [
    {
      name: 'FOLDER',
      doc: 'wheels and sdists, and nothing else; names that begin with a dot are passed over',
    },
    { name: 'INDEX', doc: 'the index that they go into, such as ada/dev' },
  ],
  options: [...dataFolderOptions(), jsonOption],
  examples: ['wheelyard admin import-files wheels ada/dev --dir /srv/wheelyard'],

  async prepare(given) {
    const { config } = await readSettings(given)
    const [folder = '', index = ''] = given.args
    if (!/^[^/]+\/[^/]+$/.test(index))
      throw new UsedWrongly([`INDEX is user/index, not '${index}'`])
    return { config, index, folder: resolve(given.world.cwd, folder) }
  },

  async run({ config, index, folder }, given) {
    await assertDataFolder(config)
    const workshop = await openWorkshop({ ...config, offlineMode: true })
    try {
      const { added, here, problems } = await workshop.importFiles({ folder, index })
      const { stdout, stderr } = given.world
      if (hasFlag(given, 'json')) printJson(given.world, { added, here, problems })
      else stdout.write(`imported: ${added.length} files\nalready here: ${here.length}\n`)
      for (const { what, reason } of problems) stderr.write(`${what}: ${reason}\n`)
      if (problems.length > 0) stderr.write('Error: nothing was imported.\n')
      return problems.length > 0 ? 1 : 0
    } finally {
      await workshop.close()
    }
  },
})
