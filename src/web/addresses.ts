/** The addresses of pages, from the path of the server on: devpi-web's, where it has them. */
import type { Call } from '#http/route'
import type { IndexName } from '#registry/indexes'

/** Made for one request: behind a proxy everything lies below its path. */
export class Addresses {
  readonly #prefix: string

  constructor({ prefix }: Pick<Call, 'prefix'>) {
    this.#prefix = prefix
  }

  /** The address that is asked for, with its query. */
  here = ({ raw }: Pick<Call, 'raw'>): string => this.#prefix + withoutHost(raw.url ?? '/')
  home = (): string => `${this.#prefix}/`
  /** Segments are encoded; `+` stays as it is. */
  at = (...segments: readonly string[]): string =>
    `${this.#prefix}/${segments.map(encodeSegment).join('/')}`
  user = (user: string): string => this.at(user)
  index = (index: IndexName): string => this.at(...index.split('/'))
  simple = (index: IndexName): string => `${this.index(index)}/+simple/`
  project = (index: IndexName, project: string): string => this.at(...index.split('/'), project)
  release = (index: IndexName, project: string, version: string): string =>
    this.at(...index.split('/'), project, version)
  /** A path below the server's root that is already made of encoded or plain segments. */
  file = (path: string): string => this.at(...path.split('/'))
  /** The frame around a release's documentation. */
  docs = (index: IndexName, project: string, version: string): string =>
    `${this.release(index, project, version)}/+d/index.html`
  explain = (index: IndexName, project: string): string =>
    this.at(...index.split('/'), '+explain', project)
  /** Recent ones, of an index or of all. */
  changes = (index?: IndexName): string =>
    index === undefined ? this.at('+changes') : `${this.index(index)}/+changes`
  search = (query = ''): string =>
    `${this.#prefix}/+search${query === '' ? '' : `?query=${encodeURIComponent(query)}`}`
}

/** A proxy may send the whole address. */
const withoutHost = (url: string): string => url.replace(/^[a-z][a-z\d+.-]*:\/\/[^/]*/i, '')

const encodeSegment = (segment: string): string =>
  encodeURIComponent(segment.toWellFormed()).replaceAll('%2B', '+').replaceAll('%3A', ':')
