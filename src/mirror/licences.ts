/** Licences of mirrored releases, read from the core metadata of one wheel of each: for indexes that choose by them. */
import { UpstreamFailure } from '#base/failure'
import { mapInParallel } from '#base/parallel'
import { SingleFlight } from '#base/single-flight'
import type { Ledger } from '#ledger/ledger'
import { readLicence } from '#python/licence'
import { parseMetadata } from '#python/metadata'
import type { ProjectName } from '#python/name'
import { compareVersionTexts } from '#python/version-order'
import type { FileEntry } from '#registry/files'
import type { IndexName } from '#registry/indexes'
import { keys } from '#registry/keys'
import type { CoreMetadata } from './core-metadata.ts'
import { ACTOR } from './stored-links.ts'

export interface LicencesNeeds {
  readonly ledger: Ledger
  readonly metadata: CoreMetadata
}

/** Releases that are read for one page; older ones stay unknown. */
const MOST_RELEASES = 10
const PARALLEL = 5

interface Listed {
  readonly name: string
  readonly value: FileEntry
}

export class Licences {
  readonly #needs: LicencesNeeds
  readonly #flights = new SingleFlight<string, void>()

  constructor(needs: LicencesNeeds) {
    this.#needs = needs
  }

  /** Reads those of the newest releases that nobody has read. Upstream's failures leave them unknown. */
  learn(index: IndexName, project: ProjectName): Promise<void> {
    return this.#flights.run(`${index}/${project}`, () => this.#learn(index, project))
  }

  async #learn(index: IndexName, project: ProjectName): Promise<void> {
    const { ledger } = this.#needs
    const files = await ledger.read((tx) => tx.list(keys.files(index, project)))
    const byVersion = Map.groupBy(files, ({ value }) => value.version)
    const newest = [...byVersion.keys()]
      .toSorted((a, b) => compareVersionTexts(b, a))
      .slice(0, MOST_RELEASES)
      .filter((version) => byVersion.get(version)?.some(({ value }) => value.licence === undefined))
    const found = new Map<string, string>()
    await mapInParallel(newest, PARALLEL, async (version) => {
      const licence = await this.#read(index, project, byVersion.get(version) ?? [])
      if (licence !== undefined) found.set(version, licence)
    })
    if (found.size > 0) await this.#store(index, project, found)
  }

  async #read(
    index: IndexName,
    project: ProjectName,
    files: readonly Listed[],
  ): Promise<string | undefined> {
    const known = files.find(({ value }) => value.licence !== undefined)
    if (known) return known.value.licence
    const wheels = files.filter(
      ({ name, value }) => name.endsWith('.whl') && value.metadata !== false,
    )
    const wheel = wheels.find(({ name }) => name.endsWith('-none-any.whl')) ?? wheels[0]
    if (!wheel) return undefined
    try {
      const wanted = { index, project, filename: wheel.name, entry: wheel.value }
      const bytes = await this.#needs.metadata.open(wanted)
      return bytes && readLicence(parseMetadata(bytes))
    } catch (error) {
      if (error instanceof UpstreamFailure) return undefined
      throw error
    }
  }

  /** What one file of a release says counts for all. */
  async #store(
    index: IndexName,
    project: ProjectName,
    found: ReadonlyMap<string, string>,
  ): Promise<void> {
    await this.#needs.ledger.write(ACTOR, async (tx) => {
      for (const { name, value } of await tx.list(keys.files(index, project))) {
        const licence = value.licence ?? found.get(value.version)
        if (licence !== value.licence)
          tx.set(keys.file(index, project, name), { ...value, licence })
      }
    })
  }
}
