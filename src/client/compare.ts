/**
 * What two servers that should be alike have otherwise: users, indexes, projects, releases with their links, what
 * installers are shown, and the bytes of files. Each side speaks devpi's JSON.
 */
import { isDeepStrictEqual } from 'node:util'
import { mapInParallel } from '#base/parallel'
import type { Client } from './client.ts'
import { readRelease, type ReleaseView } from './compare-releases.ts'
import { readFiles, readNames } from './compare-pages.ts'

/** Something that is not the same on both; undefined where a side has none of it. */
export interface Difference {
  /** `ada/dev/anchor 1.0`. */
  readonly where: string
  /** What of it: `user`, `title`, `summary`, a file name. */
  readonly what: string
  readonly first: unknown
  readonly second: unknown
}

export interface CompareOptions {
  /** The bytes of all files, documentation and test results are read on both sides. */
  readonly withFiles: boolean
  /** The pages of mirrors, for all projects that they list: both sides may ask upstream. */
  readonly withMirrors: boolean
  readonly onDifference: (difference: Difference) => void
}

export interface Compared {
  readonly users: number
  readonly indexes: number
  readonly projects: number
  readonly releases: number
  readonly pages: number
  readonly files: number
  readonly differences: number
}

/** Questions to each server at once. */
const WIDTH = 4

type Fields = Readonly<Record<string, unknown>>

export async function compareServers(
  first: Client,
  second: Client,
  options: CompareOptions,
): Promise<Compared> {
  const comparison = new Comparison(first, second, options)
  await comparison.compareUsers()
  return comparison.counts
}

class Comparison {
  readonly #sides: readonly [Client, Client]
  readonly #options: CompareOptions
  readonly counts = {
    ...{ users: 0, indexes: 0, projects: 0, releases: 0, pages: 0, files: 0 },
    differences: 0,
  }

  constructor(first: Client, second: Client, options: CompareOptions) {
    this.#sides = [first, second]
    this.#options = options
  }

  async compareUsers(): Promise<void> {
    const [first, second] = await this.#both((side) => side.get(''))
    for (const user of this.#shared('', 'user', first, second)) {
      this.counts.users++
      const [mine, other] = [asFields(asFields(first)[user]), asFields(asFields(second)[user])]
      this.#compareFields(user, without(mine, 'indexes'), without(other, 'indexes'))
      const [left, right] = [asFields(mine['indexes']), asFields(other['indexes'])]
      for (const name of this.#shared(user, 'index', left, right)) {
        this.counts.indexes++
        const index = `${user}/${name}`
        const [config, otherConfig] = [asFields(left[name]), asFields(right[name])]
        this.#compareFields(index, without(config, 'projects'), without(otherConfig, 'projects'))
        if (config['type'] !== otherConfig['type']) continue
        if (config['type'] === 'mirror') await this.#compareMirror(index)
        else await this.#compareStage(index)
      }
    }
  }

  async #compareStage(index: string): Promise<void> {
    const [first, second] = await this.#both(async (side) => {
      const { projects } = asFields(await side.get(printPath(index)))
      return Object.fromEntries((Array.isArray(projects) ? projects : []).map((name) => [name, {}]))
    })
    const projects = this.#shared(index, 'project', first, second)
    await mapInParallel(projects, WIDTH, async (project) => {
      this.counts.projects++
      await this.#compareProject(index, project)
      await this.#comparePage(index, project)
    })
  }

  async #compareMirror(index: string): Promise<void> {
    if (!this.#options.withMirrors) return
    const [first, second] = await this.#both(async (side) => {
      const page = await side.getPage(`${printPath(index)}/+simple/`)
      return Object.fromEntries((page ? readNames(page) : []).map((name) => [name, {}]))
    })
    const projects = this.#shared(index, 'project', first, second)
    await mapInParallel(projects, WIDTH, async (project) => {
      this.counts.projects++
      await this.#comparePage(index, project)
    })
  }

  /** The releases that an index has itself. */
  async #compareProject(index: string, project: string): Promise<void> {
    const path = printPath(`${index}/${project}`)
    const [first, second] = await this.#both(async (side) => asFields(await side.get(path)))
    const where = `${index}/${project}`
    await mapInParallel(this.#shared(where, 'release', first, second), WIDTH, async (version) => {
      this.counts.releases++
      const [mine, other] = [first, second].map((side) => readRelease(asFields(side[version])))
      if (mine && other) await this.#compareRelease(`${where} ${version}`, mine, other)
    })
  }

  async #compareRelease(where: string, first: ReleaseView, second: ReleaseView): Promise<void> {
    this.#compareFields(where, first.fields, second.fields)
    for (const path of this.#shared(where, 'file', first.links, second.links)) {
      const name = path.slice(path.lastIndexOf('/') + 1)
      const [mine, other] = [asFields(first.links[path]), asFields(second.links[path])]
      this.#compareFields(`${where} ${name}`, mine, other)
      if (this.#options.withFiles) await this.#compareBytes(`${where} ${name}`, path)
    }
  }

  async #compareBytes(where: string, path: string): Promise<void> {
    this.counts.files++
    const [first, second] = await this.#both((side) => side.readFile(path))
    if (!isDeepStrictEqual(first, second)) this.#tell({ where, what: 'bytes', first, second })
  }

  /** What installers are shown, with what comes from bases. */
  async #comparePage(index: string, project: string): Promise<void> {
    this.counts.pages++
    const path = `${printPath(`${index}/+simple/${project}`)}/`
    const [first, second] = await this.#both(async (side) => {
      const page = await side.getPage(path)
      return page && readFiles(page)
    })
    const where = `page ${index}/${project}`
    if (!first || !second) {
      if (first || second) {
        const [mine, other] = [first, second].map((files) => files && Object.keys(files).length)
        this.#tell({ where, what: 'files', first: mine, second: other })
      }
      return
    }
    for (const filename of this.#shared(where, 'file', first, second)) {
      this.#compareFields(
        `${where} ${filename}`,
        asFields(first[filename]),
        asFields(second[filename]),
      )
    }
  }

  /** The names that both have; tells of the others. */
  #shared(where: string, what: string, first: unknown, second: unknown): string[] {
    const [mine, other] = [asFields(first), asFields(second)]
    const names = [...new Set([...Object.keys(mine), ...Object.keys(other)])].sort()
    return names.filter((name) => {
      const [isHere, isThere] = [Object.hasOwn(mine, name), Object.hasOwn(other, name)]
      if (isHere && isThere) return true
      const told = { first: isHere ? name : undefined, second: isThere ? name : undefined }
      this.#tell({ where: where === '' ? 'the server' : where, what, ...told })
      return false
    })
  }

  #compareFields(where: string, first: Fields, second: Fields): void {
    for (const what of new Set([...Object.keys(first), ...Object.keys(second)])) {
      if (isDeepStrictEqual(first[what], second[what])) continue
      this.#tell({ where, what, first: first[what], second: second[what] })
    }
  }

  #tell(difference: Difference): void {
    this.counts.differences++
    this.#options.onDifference(difference)
  }

  #both<T>(ask: (side: Client) => Promise<T>): Promise<[T, T]> {
    const [first, second] = this.#sides
    return Promise.all([ask(first), ask(second)])
  }
}

const asFields = (value: unknown): Fields =>
  typeof value === 'object' && value !== null ? (value as Fields) : {}

const without = (fields: Fields, name: string): Fields => {
  const { [name]: _left, ...others } = fields
  return others
}

const printPath = (path: string): string =>
  path
    .split('/')
    .map((part) => encodeURIComponent(part).replaceAll('%2B', '+'))
    .join('/')
