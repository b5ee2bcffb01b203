/** Hides what advisories warn of: malicious releases, and vulnerable ones where that is wanted. */
import { isAffected, type AdvisoryEntry } from '#python/advisory'
import { normalizeName, parseName } from '#python/name'
import { choiceOption, listOption, Mistake } from '#plugins/options'
import { definePlugin, type OfferedLink, type Plugin } from '#plugins/plugin'
import type { Advisories } from './advisories.ts'

const indexOptions = {
  advisories: choiceOption({
    doc: 'Hide what the advisories of `--advisories` warn of: `malicious` releases, or `all`, vulnerable ones too.',
    words: ['malicious', 'all', 'off'],
  }),
  advisories_exempt: listOption({
    doc: 'Advisories that do not count, by id or alias, and projects that are not judged.',
    read: readExemption,
  }),
}

export const knownBad = (advisories: Advisories): Plugin<typeof indexOptions> =>
  definePlugin({
    name: 'advisories',
    indexOptions,

    hooks: {
      filterLinks({ advisories: which = 'off', advisories_exempt: exempt = [] }) {
        if (which === 'off') return undefined
        const exempted = new Set(exempt)
        const isExempt = ({ id, aliases, project }: AdvisoryEntry): boolean =>
          [id, ...aliases, project].some((name) => exempted.has(normalizeName(name)))
        return ({ project }) => {
          const { missing } = advisories
          if (missing !== undefined && !exempted.has(project)) {
            return (link) => (isForeign(link) ? { reason: missing } : undefined)
          }
          const entries = advisories
            .about(project)
            .filter((entry) => (which === 'all' || entry.isMalicious) && !isExempt(entry))
            .toSorted((a, b) => Number(b.isMalicious) - Number(a.isMalicious)) // the worst is named
          if (entries.length === 0) return () => undefined
          return (link) => {
            const entry = isForeign(link)
              ? entries.find((one) => isAffected(one, link.file.version))
              : undefined
            return entry && { reason: reasonOf(entry) }
          }
        }
      },
    },

    revision: () => advisories.revision,
    start: (host) => advisories.start(host),
  })

/** An advisory is about a project of the public index: not about what was uploaded here under the same name. */
export function isForeign({ file: { upstream, log = [] } }: OfferedLink): boolean {
  const wasUploaded = log.some(({ what }) => what === 'upload')
  return upstream !== undefined || (!wasUploaded && log.some(({ what }) => what === 'push'))
}

function reasonOf({ id, isMalicious, aliases }: AdvisoryEntry): string {
  const others = aliases.length > 0 ? ` (${aliases.slice(0, 3).join(', ')})` : ''
  return `${id}${others} says that it is ${isMalicious ? 'malicious' : 'vulnerable'}`
}

/** Ids are compared as names are; one that could be either is both. */
function readExemption(member: string): string | Mistake {
  const text = member.trim()
  if (text.includes(':') && /^[\w.:-]{1,100}$/.test(text)) return normalizeName(text)
  return parseName(text) ?? new Mistake('it is neither the id of an advisory nor a project’s name')
}
