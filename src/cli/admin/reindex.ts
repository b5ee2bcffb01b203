/** `wheelyard admin reindex`: builds the search index anew. */
import { defineCommand } from '../command.ts'
import { dataFolderOptions, readSettings } from './settings.ts'
import { assertDataFolder } from './store.ts'

export const reindex = defineCommand({
  name: 'admin reindex',
  summary: 'Read everything anew into the search index.',
  about:
    'What was found before is found until the new is there. May run beside the server, which does the work itself ' +
    'where it is writing the index. The exit code is 1 if a project could not be read.',
  options: dataFolderOptions(),
  examples: ['wheelyard admin reindex --dir /srv/wheelyard'],
  prepare: readSettings,

  async run({ config }, { world }) {
    await assertDataFolder(config)
    const { rebuildSearch } = await import('#app-search')
    const failed = await rebuildSearch(config.dir, ({ place, error }) => {
      const reason = error instanceof Error ? error.message : String(error)
      world.stderr.write(`${place.index}/${place.project}: ${reason}\n`)
    })
    world.stdout.write(failed === 0 ? 'The search index is new.\n' : `${failed} projects failed.\n`)
    return failed === 0 ? 0 : 1
  },
})
