/** What a file is by its name and size: types, platforms, yanked files, the size. */
import { printSize } from '#base/duration'
import { packageType } from '#python/filename'
import { parseName } from '#python/name'
import { sizeOption } from '#plugins/amount-options'
import { flagOption, listOption, Mistake } from '#plugins/options'
import { definePlugin, type Objection } from '#plugins/plugin'
import { readPlatform, readPythonTag, type TagPattern } from './tag-pattern.ts'

const types = ['wheel', 'sdist', 'egg', 'other'] as const
type FileType = (typeof types)[number]

const pythonsOption = (doc: string) => listOption({ doc, read: readPythonTag })
const platformsOption = (doc: string) => listOption({ doc, read: readPlatform })

export const fileKinds = definePlugin({
  name: 'file-kinds',
  reads: ({ max_file_size: largest }) => (largest === undefined ? [] : ['size']),

  indexOptions: {
    deny_types: listOption({
      doc: 'Hide files of these types: wheel, sdist, egg, other.',
      read: readType,
    }),
    only_binary: listOption({
      doc: 'Projects of which only wheels are offered; `:all:` for all, as pip’s --only-binary.',
      read: readProject,
    }),
    allow_platforms: platformsOption(
      'Offer only wheels for one of these platform tags; `*` stands for anything.',
    ),
    deny_platforms: platformsOption('Hide wheels all of whose platform tags are among these.'),
    allow_python_tags: pythonsOption(
      'Offer only wheels for one of these tags of Python and ABI, such as cp312, py3-none, *-abi3.',
    ),
    deny_python_tags: pythonsOption(
      'Hide wheels all of whose tags of Python and ABI are among these, such as cp313-cp313t.',
    ),
    deny_yanked: flagOption({
      doc: 'Hide yanked files, which pinned installs would get otherwise.',
    }),
    max_file_size: sizeOption({ doc: 'Hide files that are larger, or whose size is not known.' }),
  },

  hooks: {
    filterLinks(options) {
      const { deny_types: denied = [], only_binary: binary = [] } = options
      const { deny_yanked: isYankedHidden, max_file_size: largest } = options
      return ({ project }) => {
        const checks = tagChecks(options)
        const isOnlyBinary = binary.includes(':all:') || binary.includes(project)
        const readsTypes = isOnlyBinary || denied.length > 0
        return ({ filename, file }) => {
          const type = readsTypes ? typeOf(filename) : undefined
          if (type && denied.includes(type)) return { reason: `deny_types names ${type}` }
          if (isOnlyBinary && type !== 'wheel') return { reason: 'only_binary leaves wheels only' }
          if (isYankedHidden && file.yanked !== undefined)
            return { reason: yankReason(file.yanked) }
          if (largest !== undefined && !(file.size !== undefined && file.size <= largest)) {
            const how =
              file.size === undefined ? 'its size is not known' : `it has ${file.size} bytes`
            return { reason: `${how}, and max_file_size is ${printSize(largest)}` }
          }
          return checks && judgeWheel(checks, filename)
        }
      }
    },
  },
})

/** By what is judged of the name of a wheel. */
type TagCheck = (shown: string) => Objection | undefined

interface TagOptions {
  readonly allow_python_tags: readonly TagPattern[] | undefined
  readonly deny_python_tags: readonly TagPattern[] | undefined
  readonly allow_platforms: readonly TagPattern[] | undefined
  readonly deny_platforms: readonly TagPattern[] | undefined
}

function tagChecks(options: TagOptions): { python: TagCheck; platform: TagCheck } | undefined {
  const { allow_platforms: platforms, deny_platforms: badPlatforms } = options
  const { allow_python_tags: pythons, deny_python_tags: badPythons } = options
  if (!platforms && !badPlatforms && !pythons && !badPythons) return undefined
  return {
    python: tagCheck('python_tags', { allowed: pythons, denied: badPythons }, listPythonTags),
    platform: tagCheck('platforms', { allowed: platforms, denied: badPlatforms }, (shown) =>
      shown.split('.'),
    ),
  }
}

/** An sdist is built wherever it is installed. */
function judgeWheel(
  { python, platform }: { readonly python: TagCheck; readonly platform: TagCheck },
  filename: string,
): Objection | undefined {
  const [, pythons = '', platforms = ''] =
    /-([^-]+-[^-]+)-([^-]+)\.whl$/.exec(filename.toLowerCase()) ?? []
  return pythons === '' ? undefined : (python(pythons) ?? platform(platforms))
}

/** `py2.py3-none` stands for each of its pairs. */
function listPythonTags(shown: string): string[] {
  const [pythons = [], abis = []] = shown.split('-').map((part) => part.split('.'))
  return pythons.flatMap((python) => abis.map((abi) => `${python}-${abi}`))
}

/** The files of a page have few different tags: each is judged once. */
function tagCheck(
  option: string,
  {
    allowed,
    denied = [],
  }: {
    readonly allowed: readonly TagPattern[] | undefined
    readonly denied: readonly TagPattern[] | undefined
  },
  listTags: (shown: string) => readonly string[],
): TagCheck {
  const isIn = (list: readonly TagPattern[], tag: string): boolean =>
    list.some((pattern) => pattern.means(tag))
  const judge: TagCheck = (shown) => {
    const tags = listTags(shown)
    if (tags.every((tag) => isIn(denied, tag))) return { reason: `deny_${option} names '${shown}'` }
    if (allowed && !tags.some((tag) => isIn(allowed, tag))) {
      return { reason: `allow_${option} does not name '${shown}'` }
    }
    return undefined
  }
  const judged = new Map<string, Objection | undefined>()
  return (shown) => {
    if (!judged.has(shown)) judged.set(shown, judge(shown))
    return judged.get(shown)
  }
}

const yankReason = (yanked: true | string): string =>
  yanked === true || yanked === '' ? 'it is yanked' : `it is yanked: ${yanked.slice(0, 200)}`

function typeOf(filename: string): FileType {
  const type = packageType(filename)
  if (type === 'bdist_wheel') return 'wheel'
  if (type === 'sdist') return 'sdist'
  return type === 'bdist_egg' ? 'egg' : 'other'
}

function readType(member: string): FileType | Mistake {
  const type = types.find((one) => one === member.trim().toLowerCase())
  return type ?? new Mistake(`it must be one of ${types.join(', ')}`)
}

function readProject(member: string): string | Mistake {
  if (member === ':all:') return member
  if (member.trim().toLowerCase() === 'all') return new Mistake('all projects are :all:')
  const name = parseName(member)
  return name ?? new Mistake('it is neither a project’s name nor :all:')
}
