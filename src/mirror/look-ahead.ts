/**
 * Looks at upstream's pages of what a wheel requires, as soon as somebody asks for its metadata: a resolver asks for them
 * next, and some ask for one after the other.
 */
import { mostRecent } from '#base/most-recent'
import type { Log } from '#base/log'
import { mapInParallel } from '#base/parallel'
import { parseMetadata } from '#python/metadata'
import type { ProjectName } from '#python/name'
import { parseRequirement } from '#python/requirements'
import type { IndexName } from '#registry/indexes'
import { logNotAhead } from './ahead-failure.ts'
import type { Background } from './background.ts'

export interface LookAheadNeeds {
  readonly looks: {
    isFresh(index: IndexName, project: ProjectName): boolean
    freshen(index: IndexName, project: ProjectName): Promise<unknown>
  }
  readonly claims: { isClaimed(mirror: IndexName, project: ProjectName): Promise<boolean> }
  readonly background: Background
  readonly log: Log
  readonly isOn: boolean
}

/** Pages at the same time, for one wheel. */
const MOST_PAGES = 4
/** Of one wheel: what requires more is not the rule. */
const MOST_REQUIRED = 50
/** Wheels that were looked at lately, and for how long nothing is done for them again. */
const REMEMBERED = 10_000
const REMEMBERED_MS = 600_000

export class LookAhead {
  readonly #needs: LookAheadNeeds
  readonly #seen = mostRecent<string, true>(REMEMBERED, { ttl: REMEMBERED_MS })

  constructor(needs: LookAheadNeeds) {
    this.#needs = needs
  }

  /** Nobody waits for it, and it never fails. */
  follow(index: IndexName, filename: string, metadata: Buffer): void {
    const key = `${index}/${filename}`
    if (!this.#needs.isOn || this.#seen.has(key)) return
    this.#seen.set(key, true)
    void this.#needs.background.add(this.#look(index, metadata))
  }

  async #look(index: IndexName, metadata: Buffer): Promise<void> {
    const { looks, claims, log } = this.#needs
    try {
      await mapInParallel(requiredProjects(metadata), MOST_PAGES, async (project) => {
        if (looks.isFresh(index, project) || (await claims.isClaimed(index, project))) return
        await looks.freshen(index, project)
      })
    } catch (error) {
      // The others are left to who asks: an upstream in trouble has enough to do.
      const message = 'a page was not looked at ahead: it will be when it is asked for'
      logNotAhead(log, error, { message, fields: { index }, level: 'debug' })
    }
  }
}

/** What is needed everywhere, without extras. */
export function requiredProjects(metadata: Buffer): ProjectName[] {
  const listed = parseMetadata(metadata).fields.get('requires_dist') ?? []
  const required = listed.slice(0, MOST_REQUIRED * 4).flatMap((text) => {
    if (text.includes(';')) return []
    const parsed = parseRequirement(text)
    return typeof parsed === 'string' ? [] : [parsed.project]
  })
  return [...new Set(required)].slice(0, MOST_REQUIRED)
}
