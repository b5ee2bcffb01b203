/** Decides when claimed names are compared with upstreams: a moment after changes, for all of that moment together. */
import type { Crew, Stop } from '#base/crew'
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
  /** One process of the server compares. */
  #isLeading = false
  readonly #unlead: Stop

  constructor(claims: Claims, background: Background, crew: Crew) {
    this.#claims = claims
    this.#background = background
    this.#unlead = crew.lead(() => {
      this.#isLeading = true
      this.checkAll()
      return async () => void (this.#isLeading = false)
    })
  }

  /** A project came or went, or an index was changed. */
  follow({ paths }: ChangeNotice): void {
    for (const path of paths) {
      const [kind, , , project] = path.split('/', 4)
      if (kind === 'index') this.checkAll()
      else if (kind === 'project' && project !== undefined) this.#checkSoon(project)
    }
  }

  /** A mirror has a new list, or the server starts, or another process has done so until now: while it was away, another process may have changed something. */
  checkAll(): void {
    this.#names = undefined
    this.#start()
  }

  close(): void {
    void this.#unlead()
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
      if (this.#isLeading) void this.#background.add(this.#claims.check(names))
      else if (names === undefined) this.#claims.forgetNeighbours()
    }, PAUSE_MS).unref()
  }
}
