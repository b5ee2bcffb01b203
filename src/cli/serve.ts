/** `wheelyard serve`: the server, from its settings to its last answer. */
import cluster from 'node:cluster'
import type { Choices } from '#app'
import { createLog, type Log } from '#base/log'
import type { LoadedConfig } from '#config'
import { awaitStop } from './await-stop.ts'
import { defineCommand } from './command.ts'
import { devpiOnlyOptions, readSettings, settingOptions } from './admin/settings.ts'
import { settleMemory } from './release-memory.ts'
import { assertWritable, explainStart } from './start-failure.ts'
import type { World } from './world.ts'

export const serve = defineCommand({
  name: 'serve',
  summary: 'Serve the package indexes in a data folder.',
  about:
    'On an empty folder the first start sets up the user root, without a password, and the mirror ' +
    'root/pypi. When it is ready it prints one line with its address; it logs on standard error. ' +
    'SIGTERM and Ctrl-C let running requests finish; a second one stops at once.',
  options: [...settingOptions(), ...devpiOnlyOptions()],
  examples: [
    'wheelyard serve',
    'wheelyard serve --dir /srv/wheelyard --port 8080',
    'wheelyard serve --host 0.0.0.0 --root-password-file /run/secrets/root',
    'wheelyard serve --config /etc/wheelyard.toml',
  ],
  notes:
    'Each setting can also come from the environment (--port is WHEELYARD_PORT) or from the file ' +
    'given with --config (port = 8080). Options come first, then the environment, then the file. ' +
    'Times are written 250ms, 5s, 30m, 10h, 3d; sizes 64MB, 4GiB. ' +
    '`wheelyard admin config` shows what holds, and why.',
  prepare: readSettings,

  async run(loaded, { world }) {
    const { config, notes } = loaded
    if (cluster.isWorker) {
      stopAtBugs()
      const { runWorker } = await import('./serve-workers.ts')
      return runWorker(loaded, world)
    }
    if (config.workers < 2) return runServer(loaded, world)
    const { runWorkers } = await import('./serve-workers.ts')
    tellNotes(config, notes)
    const stop = awaitStop()
    await assertWritable(config.dir)
    return runWorkers(loaded, world, stop)
  },
})

/** Serves until it is told to stop, and returns the exit code. */
export async function runServer(
  { config, notes }: Pick<LoadedConfig, 'config' | 'notes'>,
  world: World,
  choices: Choices = {},
): Promise<number> {
  const log = tellNotes(config, notes)
  stopAtBugs()
  const stop = awaitStop()
  await assertWritable(config.dir)
  const { startApp } = await import('#app')
  const machine = { env: world.env, cwd: world.cwd }
  let port = config.port
  for (;;) {
    const app = await startApp({ ...config, port }, machine, choices).catch((error: unknown) => {
      throw explainStart(error, config)
    })
    world.stdout.write(`Wheelyard serves ${app.urls.join(' and ')}\n`)
    setTimeout(() => void app.prepare().finally(settleMemory), SETTLED_MS).unref()

    const hasNewRole = app.hasNewRole.then(() => true)
    const goesOn = await Promise.race([stop.then(() => false), hasNewRole])
    await app.close()
    if (!goesOn) return 0
    log.warn({}, 'starts again, as the folder has become another')
    ;({ port } = app)
  }
}

function tellNotes({ logLevel }: LoadedConfig['config'], notes: LoadedConfig['notes']): Log {
  const log = createLog({ level: logLevel })
  for (const note of notes) log.warn({}, note)
  return log
}

/** The first requests come before; this is for when nothing else is to do. */
const SETTLED_MS = 1000

/** An error that nobody caught, or a promise nobody awaited: the state is unknown, so we start afresh. */
function stopAtBugs(): void {
  process.on('uncaughtException', (error) => {
    createLog().error({ error }, 'the server stops because of an unexpected error')
    process.exit(1)
  })
}
