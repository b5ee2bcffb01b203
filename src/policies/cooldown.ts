/** Hides files from an index until they are old enough to have been looked at by others, or that are too new for ever. */
import { isAffected, listFixes, type AdvisoryEntry } from '#python/advisory'
import { canonicalVersion, parseVersion } from '#python/version'
import { durationOption, instantOption, type Span } from '#plugins/amount-options'
import { flagOption } from '#plugins/options'
import { definePlugin, type OfferedLink, type Plugin } from '#plugins/plugin'
import type { Advisories } from './advisories.ts'
import { isMeant, requirementsFor, requirementsOption } from './requirement-list.ts'

const indexOptions = {
  cooldown: durationOption({
    doc: 'Hide files of mirrors that are younger than this, by upstream’s time; `0` is off.',
  }),
  cooldown_exempt: requirementsOption('Releases that show at once: `foo`, `foo==1.2`.'),
  cooldown_exempt_fixes: flagOption({
    doc: 'Releases show at once that an advisory of `--advisories` names as the end of a vulnerability.',
  }),
  uploaded_before: instantOption({
    doc: 'Hide files of mirrors that were uploaded later, or at a time that is not known.',
  }),
}

export const cooldown = (advisories: Advisories): Plugin<typeof indexOptions> =>
  definePlugin({
    name: 'cooldown',
    indexOptions,
    reads: () => ['uploadedAt'],

    hooks: {
      filterLinks(options) {
        const { cooldown: span = none, cooldown_exempt: exempt = [] } = options
        const { uploaded_before: limit } = options
        const { cooldown_exempt_fixes: areFixesExempt = false } = options
        if (span.ms === 0 && limit === undefined) return undefined
        return ({ project, now }) => {
          const exemptions = requirementsFor(exempt, project)
          const isFix = areFixesExempt ? fixesAmong(advisories.about(project)) : () => false
          return ({ file }) => {
            // What somebody uploaded or pushed here was chosen.
            if (!file.upstream) return undefined
            const since = firstSeen(file)
            if (limit !== undefined && since >= limit) {
              return {
                reason: `it came at ${printInstant(since)}, and uploaded_before is ${printInstant(limit)}`,
              }
            }
            const until = since + span.ms
            if (until <= now) return undefined
            if (exemptions.some((one) => isMeant(one, file.version) === true)) return undefined
            if (isFix(file.version)) return undefined
            return { reason: `it is younger than ${span.text}`, until }
          }
        }
      },
    },
  })

const none: Span = { ms: 0, text: '0' }

/** Whether a version is the end of a vulnerability, and nothing says that it is malicious itself. */
function fixesAmong(entries: readonly AdvisoryEntry[]): (version: string) => boolean {
  const fixes = new Set(entries.flatMap(listFixes))
  const malicious = entries.filter((entry) => entry.isMalicious)
  return (text) => {
    const version = parseVersion(text)
    if (!version || !fixes.has(canonicalVersion(version))) return false
    return !malicious.some((entry) => isAffected(entry, text))
  }
}

/** Upstream's upload time; where it tells none, when the file was seen first. */
const firstSeen = ({ uploadedAt, addedAt }: OfferedLink['file']): number =>
  uploadedAt === undefined ? addedAt : Date.parse(uploadedAt)

const printInstant = (at: number): string => new Date(at).toISOString()
