/** Templates by name: a theme's first, then ours. */
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { Eta, type TemplateFunction } from 'eta'
import type { Log } from '#base/log'

/** What a template is handed, under the name `it`. */
export type Model = object

export interface TemplateOptions {
  /** Folders with `NAME.eta`, the first that has one wins. */
  readonly folders: readonly string[]
  /** Looks for changed files each time. */
  readonly reloads: boolean
  readonly log: Log
}

interface Compiled {
  readonly render: TemplateFunction
  readonly changedAt: number
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
  readonly #eta = new Eta({ autoEscape: true, autoTrim: ['nl', false], varName: 'it' })
  readonly #compiled = new Map<string, Compiled | undefined>()

  constructor(options: TemplateOptions) {
    this.#options = options
  }

  render(name: string, model: Model): string {
    return this.#render(name, model, 0)
  }

  /** A theme's template that fails gives way to the one that it stands in for. */
  #render(name: string, model: Model, from: number): string {
    const { folders, log } = this.#options
    for (let at = from; at < folders.length; at++) {
      const compiled = this.#find(join(folders[at] ?? '', `${name}.eta`))
      if (!compiled) continue
      try {
        return compiled.render.call(this.#eta, this.#withPrinting(name, model, at))
      } catch (error) {
        if (at === folders.length - 1) throw error
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

  #find(path: string): Compiled | undefined {
    const known = this.#compiled.get(path)
    if (known && !this.#options.reloads) return known
    if (!this.#options.reloads && this.#compiled.has(path)) return undefined
    const changedAt = statSync(path, { throwIfNoEntry: false })?.mtimeMs
    if (known && known.changedAt === changedAt) return known
    const compiled = changedAt === undefined ? undefined : this.#compile(path, changedAt)
    this.#compiled.set(path, compiled)
    return compiled
  }

  #compile(path: string, changedAt: number): Compiled {
    const source = readFileSync(path, 'utf8')
    try {
      return { render: this.#eta.compile(source, { filepath: path }), changedAt }
    } catch (cause) {
      const render = (): string => {
        throw new Error(`${path} is no template`, { cause })
      }
      return { render, changedAt }
    }
  }
}
