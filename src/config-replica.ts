/** Settings of what a replica keeps: `user=ada newest=3`, as words of a name and its values. */
import { resolvePath, type SettingType } from './config-types.ts'

/** All that is set must hold for a file. Of the values of one list, any may. */
export interface ReplicaFilter {
  readonly users: readonly string[]
  /** `user/index`. */
  readonly indexes: readonly string[]
  readonly projects: readonly string[]
  /** Left out: indexes, as `user/index`, and kinds of them. */
  readonly skip: readonly string[]
  /** So many versions of each project on an index. */
  readonly newest: number | undefined
  /** Patterns of platform tags of wheels, as they were written. */
  readonly platforms: readonly string[]
  /** The path of a lock, requirements or constraints file. */
  readonly lock: string | undefined
}

const kinds = ['user', 'index', 'project', 'skip', 'newest', 'platform', 'lock'] as const
type Kind = (typeof kinds)[number]

export const replicaFilter: SettingType<ReplicaFilter> = {
  placeholder: 'FILTER',
  expected: `words such as ${kinds.map((kind) => `${kind}=…`).join(', ')}`,
  parse(text, folder) {
    const words = text.split(/\s+/).filter(Boolean)
    if (words.length === 0) return undefined
    const given = Map.groupBy(words.map(readWord), ([kind]) => kind)
    const valuesOf = (kind: Kind): string[] => (given.get(kind) ?? []).flatMap(([, some]) => some)
    const lock = onlyOne('lock', valuesOf('lock'))
    return {
      users: valuesOf('user'),
      indexes: valuesOf('index').map(readIndex),
      projects: valuesOf('project'),
      skip: valuesOf('skip').map(readSkipped),
      newest: readCount(onlyOne('newest', valuesOf('newest'))),
      platforms: valuesOf('platform'),
      lock: lock === undefined ? undefined : resolvePath(lock, folder),
    }
  },
  print: ({ users, indexes, projects, skip, newest, platforms, lock }) => {
    const word = (kind: Kind, values: readonly (string | number | undefined)[]): string[] => {
      const set = values.filter((value) => value !== undefined)
      return set.length === 0 ? [] : [`${kind}=${set.join(',')}`]
    }
    return [
      ...[...word('user', users), ...word('index', indexes), ...word('project', projects)],
      ...word('skip', skip),
      ...[...word('newest', [newest]), ...word('platform', platforms), ...word('lock', [lock])],
    ].join(' ')
  },
}

function readWord(word: string): [Kind, string[]] {
  const [, name, text = ''] = /^([a-z]+)=(.+)$/.exec(word) ?? []
  const kind = kinds.find((one) => one === name)
  if (!kind) throw new Error(`'${word}' is none of ${replicaFilter.expected}`)
  const values = text.split(',')
  if (values.includes('')) throw new Error(`'${word}' has nothing between two commas`)
  return [kind, values]
}

function onlyOne(kind: Kind, values: readonly string[]): string | undefined {
  if (values.length > 1) throw new Error(`${kind}= may be given once, with one value`)
  return values[0]
}

function readIndex(text: string): string {
  if (!/^[^/]+\/[^/]+$/.test(text)) throw new Error(`index=${text} is no user/index`)
  return text
}

function readSkipped(text: string): string {
  if (text === 'stage' || text === 'mirror' || /^[^/]+\/[^/]+$/.test(text)) return text
  throw new Error(`skip=${text} is neither user/index nor stage or mirror`)
}

function readCount(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new Error(`newest=${text} is no number of 1 or more`)
  return Number(text)
}
