/**
 * Makes core metadata of the wheels that a resolver will look at first, once upstream's page of a project was brought in:
 * a few at a time, behind whoever waits for some, and never a whole file.
 */
import type { Crew, Stop } from '#base/crew'
import type { Log } from '#base/log'
import { mapInParallel } from '#base/parallel'
import type { ChangeNotice, Ledger } from '#ledger/ledger'
import type { ProjectName } from '#python/name'
import { isPrerelease, parseVersion } from '#python/version'
import { compareVersionTexts } from '#python/version-order'
import type { FileEntry } from '#registry/files'
import { makesMetadata, type IndexName } from '#registry/indexes'
import { keys } from '#registry/keys'
import { logNotAhead } from './ahead-failure.ts'
import type { Background } from './background.ts'
import type { CoreMetadata } from './core-metadata.ts'
import type { Wanted } from './download.ts'
import { learnAll, type Lesson } from './learn.ts'

export interface MakeAheadNeeds {
  readonly ledger: Ledger
  readonly metadata: CoreMetadata
  readonly background: Background
  readonly log: Log
  /** Otherwise metadata is made when it is asked for. */
  readonly isOn: boolean
  readonly crew: Crew
}

/** Mirrors that are worked for at the same time. */
const MOST_MIRRORS = 2
/** Wheels of one mirror at the same time. */
const MOST_WHEELS = 2
/** Projects of a mirror that wait; the longest known are forgotten. */
const MOST_WAITING = 500
const NEWEST_VERSIONS = 3
const WHEELS_PER_VERSION = 2

export class MakeAhead {
  readonly #needs: MakeAheadNeeds
  /** By mirror, in the order of their pages. */
  readonly #waiting = new Map<IndexName, Set<ProjectName>>()
  readonly #working = new Set<IndexName>()
  /** One process of the server does it. */
  #isLeading = false
  #isClosed = false
  readonly #unlead: Stop

  constructor(needs: MakeAheadNeeds) {
    this.#needs = needs
    this.#unlead = needs.crew.lead(() => {
      this.#isLeading = true
      return async () => {
        this.#isLeading = false
        this.#waiting.clear()
      }
    })
  }

  /** Told of every commit. A page that brings something new changes its project's entry. */
  follow({ paths }: ChangeNotice): void {
    if (!this.#needs.isOn || !this.#isLeading || this.#isClosed) return
    for (const path of paths) {
      if (!path.startsWith('project/')) continue
      const [, user = '', index = '', project = ''] = path.split('/')
      this.#add(`${user}/${index}`, project)
    }
    this.#work()
  }

  close(): void {
    this.#isClosed = true
    void this.#unlead()
    this.#waiting.clear()
  }

  #add(index: IndexName, project: ProjectName): void {
    const projects = this.#waiting.get(index) ?? new Set()
    this.#waiting.set(index, projects.add(project))
    if (projects.size > MOST_WAITING) projects.delete([...projects.keys()][0] ?? '')
  }

  #work(): void {
    for (const index of this.#waiting.keys()) {
      if (this.#working.size >= MOST_MIRRORS) return
      if (this.#working.has(index)) continue
      this.#working.add(index)
      void this.#needs.background.add(this.#workFor(index))
    }
  }

  async #workFor(index: IndexName): Promise<void> {
    try {
      for (;;) {
        const [project] = this.#waiting.get(index) ?? []
        if (project === undefined) break
        this.#waiting.get(index)?.delete(project)
        await this.#makeFor(index, project)
      }
    } catch (error) {
      const message = 'metadata is not made ahead: it will be when it is asked for'
      if (!this.#isClosed)
        logNotAhead(this.#needs.log, error, { message, fields: { index }, level: 'info' })
    }
    // After a failure the others are left to those who ask: an upstream in trouble has enough to do.
    this.#waiting.delete(index)
    this.#working.delete(index)
    this.#work()
  }

  async #makeFor(index: IndexName, project: ProjectName): Promise<void> {
    const { ledger, metadata } = this.#needs
    const listed = await ledger.read(async (tx) => {
      if (!makesMetadata(await tx.get(keys.index(index)))) return []
      return tx.list(keys.files(index, project))
    })
    const chosen = chooseWheels(listed.map(({ name, value }) => ({ filename: name, file: value })))
    const lessons: Lesson[] = []
    try {
      await mapInParallel(chosen, MOST_WHEELS, async ({ filename, file: entry }) => {
        const wanted: Wanted = { index, project, filename, entry }
        const learned = await metadata.makeAhead(wanted)
        if (learned) lessons.push({ wanted, learned })
      })
    } finally {
      if (lessons.length > 0) await learnAll(ledger, lessons)
    }
  }
}

interface Listed {
  readonly filename: string
  readonly file: FileEntry
}

/** Of the newest final versions (or of all, where there are no final ones) the wheels that most machines would take. */
export function chooseWheels(listed: readonly Listed[]): Listed[] {
  const wheels = listed.filter(({ filename, file: { upstream, yanked } }) => {
    return filename.endsWith('.whl') && upstream !== undefined && yanked === undefined
  })
  const byVersion = Map.groupBy(wheels, ({ file }) => file.version)
  const versions = [...byVersion.keys()].toSorted((a, b) => compareVersionTexts(b, a))
  const finals = versions.filter(isFinal)
  return (finals.length > 0 ? finals : versions)
    .slice(0, NEWEST_VERSIONS)
    .flatMap((version) => bestOf(byVersion.get(version) ?? []))
    .filter(({ file: { metadata, digest, hashes } }) => {
      const isHere = digest !== undefined && hashes['sha256'] === undefined
      return metadata === undefined && !isHere
    })
}

function isFinal(text: string): boolean {
  const version = parseVersion(text)
  return version !== undefined && !isPrerelease(version)
}

/** One for any machine is enough: whoever may choose it does. */
function bestOf(wheels: readonly Listed[]): Listed[] {
  const universal = wheels.find(({ filename }) => /-(?:py2\.)?py3-none-any\.whl$/.test(filename))
  if (universal) return [universal]
  return wheels
    .map((wheel) => ({ wheel, rank: rankOf(wheel.filename) }))
    .toSorted((a, b) => b.rank - a.rank)
    .slice(0, WHEELS_PER_VERSION)
    .map(({ wheel }) => wheel)
}

/** By what most servers and build machines run on. */
function rankOf(filename: string): number {
  const python = Number(/-cp3(\d+)(?:-abi3)?-/.exec(filename)?.[1] ?? 0)
  const isLinux = /manylinux[^-]*x86_64/.test(filename)
  const isStable = filename.includes('-abi3-')
  const isFree = /-cp3\d+t-/.test(filename)
  return (isLinux ? 1000 : 0) + (isStable ? 500 : 0) - (isFree ? 200 : 0) + python
}
