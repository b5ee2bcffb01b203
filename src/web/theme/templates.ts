/** Templates by name: a theme's first, then ours. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
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

/** One of the files that a name stands for. */
interface Candidate {
  readonly path: string
  readonly render: TemplateFunction
  /** Nothing stands behind it if it fails. */
  readonly isOurs: boolean
}

const ENDING = '.eta'

export class Templates {
  readonly #options: TemplateOptions
  readonly #eta: Eta
  /** By name: the theme's first. */
  readonly #candidates = new Map<string, readonly Candidate[]>()
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
    return this.#options.folders.some((folder) => existsSync(pathOf(folder, name)))
  }

  /** Compiles all there are, in turns with others: else whoever first asks for a page would wait for it. */
  async prepare(): Promise<void> {
    for (const folder of this.#options.folders) {
      const files = existsSync(folder) ? readdirSync(folder, { recursive: true }) : []
      for (const file of files) {
        if (typeof file !== 'string' || !file.endsWith(ENDING)) continue
        this.#find(file.slice(0, -ENDING.length))
        await nextTurn()
      }
    }
  }

  render(name: string, model: Model): string {
    return this.#render(name, model, 0)
  }

  /** A theme's template that fails gives way to the one that it stands in for. */
  #render(name: string, model: Model, from: number): string {
    const candidates = this.#find(name)
    for (let at = from; at < candidates.length; at++) {
      const { path, render, isOurs } = candidates[at]!
      try {
        return render.call(this.#eta, this.#withPrinting(name, model, at), {})
      } catch (error) {
        if (isOurs) throw error
        this.#problems.set(path, `${path}: ${reasonOf(error)}`)
        this.#options.log.warn({ error, template: name, path }, 'a template of the theme fails')
      }
    }
    throw new Error(`there is no template ${name}`)
  }

  #withPrinting(name: string, model: Model, at: number): Model & Printing {
    const own: Model & Printing = {
      ...model,
      part: (part, more) => this.#render(part, { ...own, ...more }, 0),
      original: (more) => this.#render(name, { ...own, ...more }, at + 1),
    }
    return own
  }

  #find(name: string): readonly Candidate[] {
    let found = this.#candidates.get(name)
    if (!found) this.#candidates.set(name, (found = this.#open(name)))
    return found
  }

  #open(name: string): Candidate[] {
    const { folders } = this.#options
    return folders.flatMap((folder, at) => {
      const path = pathOf(folder, name)
      if (!existsSync(path)) return []
      return [{ path, render: this.#compile(path), isOurs: at === folders.length - 1 }]
    })
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

const pathOf = (folder: string, name: string): string => join(folder, name + ENDING)

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : '').trim()

/** Without the program that a template becomes. */
const syntaxReason = (error: unknown): string =>
  reasonOf(error)
    .split(/\n=+\n/)[0]!
    .replace(/^Bad template syntax\s+/, '')
