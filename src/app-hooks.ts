/** The hooks of a server: those in the box, then those of plugins. */
import { join } from 'node:path'
import type { Crew } from '#base/crew'
import type { Log } from '#base/log'
import { StartRefused } from '#base/start-refused'
import type { Config } from '#config'
import { indexFollowerOf } from '#plugins/index-follower'
import { linkFilterOf, type LinkFilter } from '#plugins/link-filter'
import { loadPlugin } from '#plugins/load-plugin'
import { namedThemesOf } from '#plugins/named-themes'
import type { Plugin } from '#plugins/plugin'
import { policiesInTheBox } from '#policies/box'
import type { Hooks, RunningHook } from '#registry/hooks'
import { VERSION } from '#version'

/** Throws `StartRefused` where a plugin cannot be loaded or is in the way of another. `more`: beside those. */
export async function openHooks(config: Config, more: Partial<Hooks> = {}): Promise<Hooks> {
  const box = policiesInTheBox({
    advisories: {
      places: config.advisories ?? [],
      intervalMs: config.advisoriesInterval,
      isOffline: config.offlineMode,
    },
  })
  const plugins = await loadPlugins(config.plugin ?? [], box)
  const { authenticate = [], filterLinks = [], indexChanged = [], themes = [] } = more
  return {
    authenticate: [...plugins.flatMap((one) => one.hooks.authenticate ?? []), ...authenticate],
    filterLinks: [...box, ...plugins.flatMap(linkFilterOf), ...filterLinks],
    indexChanged: [...plugins.flatMap(indexFollowerOf), ...indexChanged],
    themes: [...plugins.flatMap(namedThemesOf), ...themes],
  }
}

/** In the order in which they are named. */
async function loadPlugins(
  files: readonly string[],
  box: readonly LinkFilter[],
): Promise<readonly Plugin[]> {
  const plugins: Plugin[] = []
  const names = new Set(box.map(({ name }) => name))
  const options = new Set(box.flatMap((one) => Object.keys(one.options)))
  for (const file of files) {
    const plugin = await loadPlugin(file)
    const taken = Object.keys(plugin.indexOptions).find((name) => options.has(name))
    if (names.has(plugin.name)) throw new StartRefused(`Two plugins are called ${plugin.name}.`)
    if (taken !== undefined) {
      throw new StartRefused(`The plugin ${file} has an index option ${taken}, as another has.`)
    }
    names.add(plugin.name)
    for (const name of Object.keys(plugin.indexOptions)) options.add(name)
    plugins.push(plugin)
  }
  return plugins
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
