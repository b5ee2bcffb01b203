/** Which projects a range of changes is about. */
import type { Ledger } from '#ledger/ledger'
import type { Serial } from '#ledger/key'
import type { ProjectPlace } from './backend.ts'

export interface Changed {
  readonly projects: readonly ProjectPlace[]
  /** Made, changed or removed. */
  readonly indexes: readonly string[]
}

const kinds = new Set(['project', 'version', 'file', 'docs'])

/** Whether a change of this key can make a difference to what is found. */
export const concernsSearch = (path: string): boolean => {
  const kind = path.slice(0, path.indexOf('/'))
  return kinds.has(kind) || kind === 'index'
}

/** Each once, from the first serial to the last. */
export async function changedIn(ledger: Ledger, first: Serial, last: Serial): Promise<Changed> {
  const projects = new Map<string, ProjectPlace>()
  const indexes = new Set<string>()
  for (let serial = first; serial <= last; serial++) {
    const change = await ledger.change(serial)
    for (const { path } of change?.entries ?? []) {
      const [kind = '', user, index, project] = path.split('/', 4)
      if (kind === 'index') indexes.add(`${user}/${index}`)
      if (!kinds.has(kind) || project === undefined) continue
      projects.set(`${user}/${index}/${project}`, { index: `${user}/${index}`, project })
    }
  }
  return { projects: [...projects.values()], indexes: [...indexes] }
}
