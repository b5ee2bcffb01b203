/** A plugin as a file: an ES module whose default export is the plugin, or a function that makes it of the kit. */
import { existsSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { StartRefused } from '#base/start-refused'
import { isIndexOption } from '#registry/index-options'
import { countOption, durationOption, instantOption, sizeOption } from './amount-options.ts'
import {
  choiceOption,
  flagOption,
  listOption,
  Mistake,
  namesOption,
  textOption,
} from './options.ts'
import { hookNames, type Plugin } from './plugin.ts'

/** What a plugin would otherwise import: it may lie anywhere, where no package of ours is found. */
const kit = {
  ...{ flagOption, choiceOption, namesOption, listOption, textOption, Mistake },
  ...{ countOption, durationOption, instantOption, sizeOption },
}

export type PluginKit = typeof kit

/** Throws `StartRefused` where the file is no plugin, and names what is wrong. */
export async function loadPlugin(file: string): Promise<Plugin> {
  const wrong = (reason: string, cause?: unknown): StartRefused =>
    new StartRefused(`The plugin ${file} cannot be used: ${reason}.`, [], { cause })
  if (!existsSync(file)) throw wrong('there is no such file')
  let made: unknown
  try {
    const module = (await import(pathToFileURL(file).href)) as { default?: unknown }
    made = module.default
    if (typeof made === 'function') made = await (made as (kit: PluginKit) => unknown)(kit)
  } catch (error) {
    throw wrong(error instanceof Error ? `${error.name}: ${error.message}` : String(error), error)
  }
  const problem = findProblem(made)
  if (problem !== undefined) throw wrong(problem)
  const plugin = made as Partial<Plugin> & Pick<Plugin, 'name'>
  return { ...plugin, indexOptions: plugin.indexOptions ?? {}, hooks: plugin.hooks ?? {} }
}

function findProblem(made: unknown): string | undefined {
  if (!isObject(made)) return 'its default export is neither a plugin nor a function that makes one'
  const { name, hooks = {}, indexOptions = {}, themes = [] } = made
  if (typeof name !== 'string' || !/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name)) {
    return '`name` must be small letters, digits and dashes, such as acme-login'
  }
  if (!isObject(hooks)) return '`hooks` must be an object of functions'
  for (const [hook, value] of Object.entries(hooks)) {
    if (!hookNames.includes(hook)) return `there is no hook ${hook}, only ${hookNames.join(', ')}`
    if (typeof value !== 'function') return `its hook ${hook} is no function`
  }
  if (!isObject(indexOptions)) return '`indexOptions` must be an object'
  for (const [option, kind] of Object.entries(indexOptions)) {
    if (!/^[a-z][a-z0-9_]*$/.test(option)) return `no index option can be called ${option}`
    if (isIndexOption(option)) return `every index has an option ${option} already`
    if (
      !isObject(kind) ||
      typeof kind['store'] !== 'function' ||
      typeof kind['parse'] !== 'function'
    )
      return `the option ${option} lacks \`store\` or \`parse\`: flagOption and the others of the kit make both`
  }
  const hasOptions = Object.keys(indexOptions).length > 0
  if (hasOptions !== (hooks['filterLinks'] !== undefined)) {
    return hasOptions
      ? 'it has index options but no hook `filterLinks`, to which they are handed'
      : 'its hook `filterLinks` is never asked: it has no index option that would turn it on'
  }
  if (!Array.isArray(themes) || !themes.every(isTheme)) {
    return '`themes` must be a list of objects with the texts `name` and `folder`'
  }
  return undefined
}

const isTheme = (theme: unknown): boolean =>
  isObject(theme) && typeof theme['name'] === 'string' && typeof theme['folder'] === 'string'

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
