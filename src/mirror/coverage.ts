/** How much of what clients were shown of each mirror told all that there is to tell: by the last page made of each project. */
import type { LRUCache } from 'lru-cache'
import { mostRecent } from '#base/most-recent'
import type { Crew } from '#base/crew'
import type { ProjectName } from '#python/name'
import { offeredMetadata, type FileEntry } from '#registry/files'
import type { IndexName } from '#registry/indexes'

/** Numbers of links. */
export interface Coverage {
  readonly links: number
  readonly wheels: number
  /** Wheels with core metadata. */
  readonly metadata: number
  /** Wheels whose core metadata is known by its hash: it is here, or upstream has told it. */
  readonly metadata_known: number
  readonly size: number
  readonly upload_time: number
}

export interface MirrorCoverage extends Coverage {
  readonly index: IndexName
  /** Of the wheels or links, from 0 to 1; `null` where none were shown. */
  readonly fractions: Readonly<
    Record<'metadata' | 'metadata_known' | 'size' | 'upload_time', number | null>
  >
}

interface Shown {
  readonly index: IndexName
  readonly filename: string
  readonly file: FileEntry
}

/** Of one project, as it is told to the other processes of the server. */
type ToldCoverage = readonly [index: IndexName, project: ProjectName, coverage: Coverage]

const TOPIC = 'coverage'
const MOST_PROJECTS = 20_000
const none: Coverage = {
  links: 0,
  wheels: 0,
  metadata: 0,
  metadata_known: 0,
  size: 0,
  upload_time: 0,
}

export class Coverages {
  readonly #mirrors = new Map<IndexName, LRUCache<ProjectName, Coverage>>()
  readonly #crew: Crew

  /** All processes of the server know what pages of any of them have shown. */
  constructor(crew: Crew) {
    this.#crew = crew
    crew.onCast(TOPIC, (told) => this.#take(told as ToldCoverage))
    crew.onGather(TOPIC, () => this.#listKnown())
    void crew.gather(TOPIC).then((answers) => {
      for (const told of answers.flat() as ToldCoverage[]) if (told) this.#take(told)
    })
  }

  /** Notes the links of a page. `makers`: the indexes that make core metadata where upstream has none. */
  record(project: ProjectName, links: readonly Shown[], makers: ReadonlySet<IndexName>): void {
    const byIndex = Map.groupBy(links, ({ index }) => index)
    for (const [index, own] of byIndex) {
      const mirrored = own.filter(({ file }) => file.upstream !== undefined)
      if (mirrored.length === 0) continue
      const told: ToldCoverage = [index, project, count(mirrored, makers.has(index))]
      this.#take(told)
      this.#crew.cast(TOPIC, told)
    }
  }

  forget(index: IndexName): void {
    this.#mirrors.delete(index)
  }

  /** Since the server started. */
  of(index: IndexName): MirrorCoverage {
    let total = none
    for (const one of this.#mirrors.get(index)?.values() ?? []) total = add(total, one)
    const { links, wheels, metadata, metadata_known, size, upload_time } = total
    const fractions = {
      metadata: fraction(metadata, wheels),
      metadata_known: fraction(metadata_known, wheels),
      size: fraction(size, links),
      upload_time: fraction(upload_time, links),
    }
    return { index, ...total, fractions }
  }

  list(): MirrorCoverage[] {
    return [...this.#mirrors.keys()].toSorted().map((index) => this.of(index))
  }

  #take([index, project, coverage]: ToldCoverage): void {
    let projects = this.#mirrors.get(index)
    if (!projects) this.#mirrors.set(index, (projects = mostRecent(MOST_PROJECTS)))
    projects.set(project, coverage)
  }

  #listKnown(): ToldCoverage[] {
    return [...this.#mirrors].flatMap(([index, projects]) =>
      Array.from(projects.entries(), ([project, coverage]): ToldCoverage => [
        index,
        project,
        coverage,
      ]),
    )
  }
}

function count(links: readonly Shown[], isMade: boolean): Coverage {
  const number = (test: (link: Shown) => boolean): number => links.filter(test).length
  return {
    links: links.length,
    wheels: number(({ filename }) => filename.endsWith('.whl')),
    metadata: number(({ file, filename }) => offeredMetadata(file, filename, isMade) !== undefined),
    metadata_known: number(({ file }) => typeof file.metadata === 'string'),
    size: number(({ file }) => file.size !== undefined),
    upload_time: number(({ file }) => file.uploadedAt !== undefined),
  }
}

const add = (a: Coverage, b: Coverage): Coverage => ({
  links: a.links + b.links,
  wheels: a.wheels + b.wheels,
  metadata: a.metadata + b.metadata,
  metadata_known: a.metadata_known + b.metadata_known,
  size: a.size + b.size,
  upload_time: a.upload_time + b.upload_time,
})

const fraction = (part: number, whole: number): number | null =>
  whole === 0 ? null : Math.round((part / whole) * 10_000) / 10_000
