/** Decides when claimed names are compared with upstreams: a moment after changes, for all of that moment together. */
import type { ChangeNotice } from '#ledger/ledger'
import type { ProjectName } from '#python/name'
import type { Background } from './background.ts'
import type { Claims } from './claims.ts'

const PAUSE_MS = 1000

export class ClaimsWatch {
  readonly #claims: Claims
  readonly #background: Background
  /** Undefined: all of them. */
  #names: Set<ProjectName> | undefined = new Set()
  #timer: NodeJS.Timeout | undefined

  constructor(claims: Claims, background: Background) {
    this.#claims = claims
    this.#background = background
  }

  /** A project came or went, or an index was changed. */
  follow({ paths }: ChangeNotice): void {
    for (const path of paths) {
      const [kind, , , project] = path.split('/', 4)
      if (kind === 'index') this.checkAll()
      else if (kind === 'project' && project !== undefined) this.#checkSoon(project)
    }
  }

  /** A mirror has a new list, or the server starts: while it was away, another process may have changed something. */
  checkAll(): void {
    this.#names = undefined
    this.#start()
  }

  close(): void {
    this.#claims.close()
    clearTimeout(this.#timer)
  }

  #checkSoon(project: ProjectName): void {
    this.#names?.add(project)
    this.#start()
  }

  #start(): void {
    this.#timer ??= setTimeout(() => {
      const names = this.#names
      this.#names = new Set()
      this.#timer = undefined
      void this.#background.add(this.#claims.check(names))
    }, PAUSE_MS).unref()
  }
}
