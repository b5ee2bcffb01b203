/** Templates by name: a theme's first, then ours. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Eta, type TemplateFunction } from 'eta'
import type { Log } from '#base/log'

/** What a template is handed, under the name `it`. */
export type Model = object

export interface TemplateOptions {
  /** Folders with `NAME.eta`, the first that has one wins; the last is ours. */
  readonly folders: readonly string[]
  readonly log: Log
  /** Errors name the line of the template; it takes longer. */
  readonly tellsLines?: boolean
}

/** The parts that a template adds to its model, for those that it prints in turn. */
interface Printing {
  /** Another template, with more values beside this one's. */
  part(name: string, more?: Model): string
  /** The template that this one stands in for. */
  original(more?: Model): string
}

export class Templates {
  readonly #options: TemplateOptions
  readonly #eta: Eta
  readonly #compiled = new Map<string, TemplateFunction | undefined>()
  readonly #problems = new Map<string, string>()

  constructor(options: TemplateOptions) {
    this.#options = options
    const debug = options.tellsLines ?? false
    this.#eta = new Eta({ autoEscape: true, autoTrim: ['nl', false], varName: 'it', debug })
  }

  /** What is wrong with a theme's templates, as far as they were printed: each with its file. */
  get problems(): readonly string[] {
    return [...this.#problems.values()]
  }

  has(name: string): boolean {
    return this.#options.folders.some((folder) => existsSync(join(folder, `${name}.eta`)))
  }

  render(name: string, model: Model): string {
    return this.#render(name, model, 0)
  }

  /** A theme's template that fails gives way to the one that it stands in for. */
  #render(name: string, model: Model, from: number): string {
    const { folders, log } = this.#options
    for (let at = from; at < folders.length; at++) {
      const path = join(folders[at] ?? '', `${name}.eta`)
      const render = this.#find(path)
      if (!render) continue
      try {
        return render.call(this.#eta, this.#withPrinting(name, model, at), {})
      } catch (error) {
        if (at === folders.length - 1) throw error
        this.#problems.set(path, `${path}: ${reasonOf(error)}`)
        log.warn({ error, template: name, folder: folders[at] }, 'a template of the theme fails')
      }
    }
    throw new Error(`there is no template ${name}`)
  }

  #withPrinting(name: string, model: Model, at: number): Model & Printing {
    const own = Object.create(model) as Model & Printing
    const extended = (more: Model = {}): Model => Object.assign(Object.create(own) as Model, more)
    own.part = (part, more) => this.#render(part, extended(more), 0)
    own.original = (more) => this.#render(name, extended(more), at + 1)
    return own
  }

  #find(path: string): TemplateFunction | undefined {
    if (this.#compiled.has(path)) return this.#compiled.get(path)
    const render = existsSync(path) ? this.#compile(path) : undefined
    this.#compiled.set(path, render)
    return render
  }

  #compile(path: string): TemplateFunction {
    const source = readFileSync(path, 'utf8')
    try {
      return this.#eta.compile(source, { filepath: path })
    } catch (cause) {
      return () => {
        throw new Error(`is no template: ${syntaxReason(cause)}`, { cause })
      }
    }
  }
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : '').trim()

/** Without the program that a template becomes. */
const syntaxReason = (error: unknown): string =>
  reasonOf(error)
    .split(/\n=+\n/)[0]!
    .replace(/^Bad template syntax\s+/, '')
