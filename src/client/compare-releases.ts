/** A release in devpi's JSON, in the form in which two servers' can be compared: without their addresses. */

export interface ReleaseView {
  /** Metadata that says something. */
  readonly fields: Readonly<Record<string, unknown>>
  /** By path from the server's root on. */
  readonly links: Readonly<Record<string, LinkView>>
}

export interface LinkView {
  readonly rel: unknown
  readonly hash_spec: unknown
  /** What happened to it: who, when, from where. */
  readonly log: readonly unknown[]
  /** The path of the tested file. */
  readonly of: string | undefined
}

export function readRelease(release: Readonly<Record<string, unknown>>): ReleaseView {
  const { '+links': links, ...fields } = release
  return {
    fields: Object.fromEntries(
      // What else begins so is made of other indexes' releases.
      Object.entries(fields).filter(
        ([name, value]) => !name.startsWith('+') && saysSomething(value),
      ),
    ),
    links: Object.fromEntries((Array.isArray(links) ? links : []).map(readLink)),
  }
}

/** Fields that an older release was stored without are shown as empty by one server, and not at all by another. */
function saysSomething(value: unknown): boolean {
  return value !== '' && value !== null && !(Array.isArray(value) && value.length === 0)
}

function readLink(link: unknown): [path: string, view: LinkView] {
  const { rel, href, hash_spec, log, for_href } = link as Readonly<Record<string, unknown>>
  const view = {
    ...{ rel, hash_spec },
    log: Array.isArray(log) ? log : [],
    of: typeof for_href === 'string' ? pathFrom(for_href) : undefined,
  }
  return [pathFrom(String(href)), view]
}

/** From the root on, which may lie below a path: `user/index/+f/…`. */
export function pathFrom(href: string): string {
  const { pathname } = new URL(href, 'http://any/')
  const [path] = /[^/]+\/[^/]+\/\+[ef]\/.*$/.exec(pathname) ?? []
  return path ?? pathname.slice(1)
}
