/** Where templates and static files come from: a theme's folder goes before what is in the box. */
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Log } from '#base/log'
import { StaticFiles } from './static-files.ts'
import { Templates } from './templates.ts'

export interface ThemeOptions {
  /** With `templates/` and `static/`, each as it likes. */
  readonly folder: string | undefined
  readonly reloads: boolean
  readonly log: Log
}

const own = (name: string): string => fileURLToPath(new URL(`./${name}`, import.meta.url))

export class Theme {
  readonly templates: Templates
  readonly #static = new StaticFiles(own('static'))
  readonly #reloads: boolean
  #themeStatic: StaticFiles

  constructor({ folder, reloads, log }: ThemeOptions) {
    this.#reloads = reloads
    this.#themeStatic = new StaticFiles(join(folder ?? own('themes/none'), 'static'))
    const folders = folder === undefined ? [] : [join(folder, 'templates')]
    this.templates = new Templates({ folders: [...folders, own('templates')], reloads, log })
  }

  get staticFiles(): StaticFiles {
    return this.#static
  }

  get themeStatic(): StaticFiles {
    if (this.#reloads) this.#themeStatic = this.#themeStatic.reloaded()
    return this.#themeStatic
  }

  /** Changes with everything that a page is printed with. */
  get digest(): string {
    return this.#reloads ? String(performance.now()) : this.themeStatic.digest
  }
}
