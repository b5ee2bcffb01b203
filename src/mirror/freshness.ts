/** How old our links are, in memory: asked for each page, and dropped when the ledger says they changed. */
import type { LRUCache } from 'lru-cache'
import { mostRecent } from '#base/most-recent'
import type { ChangeNotice } from '#ledger/ledger'
import type { ProjectName } from '#python/name'
import type { IndexName } from '#registry/indexes'

/** `stale`: upstream could not be asked, and need not be asked again at once. */
export type Standing = 'fresh' | 'stale' | 'missing'

interface Known {
  readonly standing: Standing
  readonly until: number
}

/** An observation under way. It is void once something that it may rest on has changed. */
export interface Watch {
  readonly index: IndexName
  readonly project: ProjectName
  isValid: boolean
}

/** Of one mirror. Those asked for least recently are asked of the local state again. */
const MOST_PROJECTS = 50_000

export class Freshness {
  readonly #mirrors = new Map<IndexName, LRUCache<ProjectName, Known>>()
  readonly #watches = new Set<Watch>()

  find(index: IndexName, project: ProjectName, now: number): Standing | undefined {
    const known = this.#mirrors.get(index)?.get(project)
    return known && now < known.until ? known.standing : undefined
  }

  /** Begin it before reading what the observation rests on, and end it with `remember` or `endWatch`. */
  watch(index: IndexName, project: ProjectName): Watch {
    const watch = { index, project, isValid: true }
    this.#watches.add(watch)
    return watch
  }

  endWatch(watch: Watch): void {
    this.#watches.delete(watch)
  }

  /** Returns whether the observation still held. */
  remember(watch: Watch, standing: Standing, until: number): boolean {
    this.endWatch(watch)
    if (!watch.isValid) return false
    let projects = this.#mirrors.get(watch.index)
    if (!projects) this.#mirrors.set(watch.index, (projects = mostRecent(MOST_PROJECTS)))
    projects.set(watch.project, { standing, until })
    return true
  }

  forgetIndex(index: IndexName): void {
    this.#mirrors.delete(index)
    this.#invalidate((watch) => watch.index === index)
  }

  forgetProject(index: IndexName, project: ProjectName): void {
    this.#mirrors.get(index)?.delete(project)
    this.#invalidate((watch) => watch.index === index && watch.project === project)
  }

  /** Told of every commit, also of other processes and of our own. */
  follow({ paths }: ChangeNotice): void {
    for (const path of paths) {
      if (!path.startsWith('index/') && !path.startsWith('project/')) continue
      const [kind, user, name, project] = path.split('/')
      if (kind === 'index') this.forgetIndex(`${user}/${name}`)
      else if (project !== undefined) this.forgetProject(`${user}/${name}`, project)
    }
  }

  #invalidate(concerns: (watch: Watch) => boolean): void {
    for (const watch of this.#watches) if (concerns(watch)) watch.isValid = false
  }
}
