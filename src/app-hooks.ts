/** The hooks of a server: those in the box before others. */
import { join } from 'node:path'
import type { Crew } from '#base/crew'
import type { Log } from '#base/log'
import type { Config } from '#config'
import { policiesInTheBox } from '#policies/box'
import type { Hooks, RunningHook } from '#registry/hooks'
import { VERSION } from '#version'

export function withBox(config: Config, hooks: Partial<Hooks>): Hooks {
  const { authenticate = [], filterLinks = [], indexChanged = [], themes = [] } = hooks
  const box = policiesInTheBox({
    advisories: {
      places: config.advisories ?? [],
      intervalMs: config.advisoriesInterval,
      isOffline: config.offlineMode,
    },
  })
  return { authenticate, filterLinks: [...box, ...filterLinks], indexChanged, themes }
}

/** Each has a folder of its own, by its name. */
export function startHooks(hooks: Hooks, config: Config, log: Log): Promise<RunningHook[]> {
  const { filterLinks, indexChanged } = hooks
  const started = [...filterLinks, ...indexChanged].flatMap(({ name, start }) => {
    const folder = join(config.dir, 'local', 'hooks', name)
    return start ? [start({ folder, userAgent: `wheelyard/${VERSION}`, log })] : []
  })
  return Promise.all(started)
}

/** Of all workers, only the one that leads runs it. Rejects where that is this one, and it cannot be started. */
export async function runWhereLeading(
  start: () => Promise<RunningHook>,
  { crew, log }: { readonly crew: Crew; readonly log: Log },
): Promise<RunningHook> {
  let first: Promise<RunningHook> | undefined
  const close = crew.lead(() => {
    const running = start()
    if (first)
      running.catch((error: unknown) => log.error({ error }, 'a hook could not be started'))
    first ??= running
    return async () => (await running.catch(() => undefined))?.close() // who waited for it was told
  })
  await first
  return { close }
}
