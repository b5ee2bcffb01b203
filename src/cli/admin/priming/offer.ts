/** What an index offers of projects, upstreams asked once each, and what its files say of themselves. */
import type { Workshop } from '#app-workshop'
import { parseFilename, parseWheelFilename, type WheelName } from '#python/filename'
import { parseMetadata } from '#python/metadata'
import type { ProjectName } from '#python/name'
import { readSdistMetadata } from '#python/sdist-archive'
import { parseSpecifiers, type SpecifierSet } from '#python/specifier'
import type { Version } from '#python/version'
import { readWheelMetadata } from '#python/wheel-archive'
import { findSources, listLinks, type Link, type Withheld } from '#registry/links'
import type { IndexName } from '#registry/indexes'

export interface Offered {
  readonly project: ProjectName
  readonly link: Link
  /** Undefined for an sdist. */
  readonly wheel: WheelName | undefined
  readonly version: Version
  readonly requiresPython: SpecifierSet
}

export class Offer {
  readonly #workshop: Workshop
  readonly #index: IndexName
  readonly #files = new Map<ProjectName, Promise<readonly Offered[]>>()
  readonly #needs = new Map<string, Promise<readonly string[]>>()
  readonly #hidden = new Map<ProjectName, readonly Withheld[]>()
  /** By address: whether the bytes were here before anything was asked of them, which may bring the whole file. */
  readonly #wasHere = new Map<string, Promise<boolean>>()

  constructor(workshop: Workshop, index: IndexName) {
    this.#workshop = workshop
    this.#index = index
  }

  /** The wheels and sdists that installers are shown. Throws what an upstream fails with. */
  list(project: ProjectName): Promise<readonly Offered[]> {
    return remember(this.#files, project, () => this.#list(project))
  }

  /** Why an index that was listed may seem to lack what is wanted: policies hide files. Begins with a semicolon. */
  whyLess(project: ProjectName): string {
    const hidden = (this.#hidden.get(project) ?? []).flatMap((one) =>
      one.why === 'policy' ? [one.finding] : [],
    )
    const [first] = hidden
    if (!first) return ''
    const { policy, index, reason } = first
    const count = hidden.length === 1 ? '1 file is' : `${hidden.length} files are`
    return `; ${count} hidden, such as by ${policy} (${index}): ${reason}`
  }

  /** The `Requires-Dist` of a file, which is fetched for it only where nothing less tells. */
  needs(file: Offered): Promise<readonly string[]> {
    return remember(this.#needs, file.link.filename, () => this.#readNeeds(file))
  }

  /** Sees to it that the bytes are here. Whether they were before. */
  async keep({
    project,
    link,
  }: Offered): Promise<{ wasHere: boolean; digest: string; size: number }> {
    const { mirrors, blobs } = this.#workshop
    const { index, filename, file } = link
    if (!file.upstream) {
      const size = await blobs.size(file.digest ?? '')
      if (size === undefined) throw new Error(`the blob of ${filename} is lost`)
      return { wasHere: true, digest: file.digest ?? '', size }
    }
    const wasHere = await this.#wasHereBefore({ project, link })
    const { digest, size } = await mirrors.keepFile(index, project, filename, file)
    return { wasHere, digest, size }
  }

  #wasHereBefore({ project, link }: Pick<Offered, 'project' | 'link'>): Promise<boolean> {
    const { index, filename, file } = link
    return remember(this.#wasHere, `${index}/${filename}`, () =>
      this.#workshop.mirrors.isHere(index, project, filename, file),
    )
  }

  async #list(project: ProjectName): Promise<readonly Offered[]> {
    const { ledger, mirrors, policies } = this.#workshop
    const question = { index: this.#index, project }
    const { used, order } = await ledger.read((tx) => findSources(tx, this.#index, project))
    const asked = used.filter(({ entry }) => entry.type === 'mirror')
    const looks = await Promise.allSettled(asked.map(({ name }) => mirrors.freshen(name, project)))
    const facts = policies.reads(order)
    await Promise.all(asked.map(({ name }) => mirrors.learnFacts(name, project, facts)))
    const { links, withheld } = await ledger.read((tx) => listLinks(tx, policies, question))
    this.#hidden.set(project, withheld)
    const failed = looks.find((look) => look.status === 'rejected')
    if (failed && links.length === 0) throw failed.reason
    return links.flatMap((link) => describe(project, link) ?? [])
  }

  async #readNeeds(file: Offered): Promise<readonly string[]> {
    const { mirrors } = this.#workshop
    const { project, link, wheel } = file
    if (link.file.upstream) await this.#wasHereBefore(file)
    const told =
      wheel && link.file.upstream
        ? await mirrors.openMetadata(link.index, project, link.filename, link.file)
        : undefined
    if (told) return parseMetadata(told).fields.get('requires_dist') ?? []
    const { digest } = await this.keep(file)
    const path = (await this.#workshop.blobs.localPath(digest)) ?? ''
    const read = wheel ? readWheelMetadata : readSdistMetadata
    return (await read(path, link.filename)).metadata.fields.get('requires_dist') ?? []
  }
}

function describe(project: ProjectName, link: Link): Offered | undefined {
  const name = parseFilename(link.filename, project)
  if (!name?.version || name.kind === 'legacy') return undefined
  const requiresPython = parseSpecifiers(link.file.requiresPython ?? '') ?? []
  const wheel = parseWheelFilename(link.filename)
  return { project, link, wheel, version: name.version, requiresPython }
}

function remember<K, V>(known: Map<K, Promise<V>>, key: K, make: () => Promise<V>): Promise<V> {
  const before = known.get(key)
  if (before) return before
  const made = make()
  known.set(key, made)
  return made
}
