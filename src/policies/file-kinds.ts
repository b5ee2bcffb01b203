/** What a file is by its name and size: types, platforms, yanked files, the size. */
import { printSize } from '#base/duration'
import { packageType } from '#python/filename'
import { parseName } from '#python/name'
import { flagOption, listOption, Mistake, sizeOption } from '#plugins/options'
import { definePlugin, type Objection } from '#plugins/plugin'

const types = ['wheel', 'sdist', 'egg', 'other'] as const
type FileType = (typeof types)[number]

/** A pattern of a platform tag: `linux_*_x86_64`, `win*`, `any`. */
interface PlatformPattern {
  readonly text: string
  readonly pattern: RegExp
}

const platformsOption = (doc: string) => listOption({ doc, read: readPlatform })

export const fileKinds = definePlugin({
  name: 'file-kinds',

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
        const judgePlatforms = platformCheck(options)
        const isOnlyBinary = binary.includes(':all:') || binary.includes(project)
        return ({ filename, file }) => {
          const type = typeOf(filename)
          if (denied.includes(type)) return { reason: `deny_types names ${type}` }
          if (isOnlyBinary && type !== 'wheel') return { reason: 'only_binary leaves wheels only' }
          if (isYankedHidden && file.yanked !== undefined)
            return { reason: yankReason(file.yanked) }
          if (largest !== undefined && !(file.size !== undefined && file.size <= largest)) {
            const how =
              file.size === undefined ? 'its size is not known' : `it has ${file.size} bytes`
            return { reason: `${how}, and max_file_size is ${printSize(largest)}` }
          }
          return judgePlatforms(filename)
        }
      }
    },
  },
})

/** The files of a page have few different tags: each is judged once. */
function platformCheck({
  allow_platforms: allowed,
  deny_platforms: denied = [],
}: {
  readonly allow_platforms: readonly PlatformPattern[] | undefined
  readonly deny_platforms: readonly PlatformPattern[] | undefined
}): (filename: string) => Objection | undefined {
  if (!allowed && denied.length === 0) return () => undefined
  const isIn = (list: readonly PlatformPattern[], tag: string): boolean =>
    list.some(({ pattern }) => pattern.test(tag))
  const judge = (shown: string): Objection | undefined => {
    const tags = shown.split('.')
    if (tags.every((tag) => isIn(denied, tag))) return { reason: `deny_platforms names ${shown}` }
    if (allowed && !tags.some((tag) => isIn(allowed, tag))) {
      return { reason: `allow_platforms does not name ${shown}` }
    }
    return undefined
  }
  const judged = new Map<string, Objection | undefined>()
  return (filename) => {
    const name = filename.toLowerCase()
    if (!name.endsWith('.whl')) return undefined // an sdist is built wherever it is installed
    const shown = name.slice(name.lastIndexOf('-') + 1, -'.whl'.length)
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

function readPlatform(member: string): PlatformPattern | Mistake {
  const text = member.trim().toLowerCase()
  const stray = /[^a-z0-9_.*-]/.exec(text)
  if (stray) return new Mistake(`character ${stray.index + 1} can be in no platform tag`)
  const parts = text.replaceAll(/[.-]/g, '_').replaceAll(/\*+/g, '*').split('*')
  return { text, pattern: new RegExp(`^${parts.join('[a-z0-9_]*')}$`) }
}

function readProject(member: string): string | Mistake {
  if (member === ':all:') return member
  const name = parseName(member)
  return name ?? new Mistake('it is neither a project’s name nor :all:')
}
