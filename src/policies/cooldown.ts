/** Hides files from an index until they are old enough to have been looked at by others, or that are too new for ever. */
import { printDuration } from '#base/duration'
import { durationOption, instantOption } from '#plugins/options'
import { definePlugin, type OfferedLink } from '#plugins/plugin'
import { isMeant, requirementsFor, requirementsOption } from './requirement-list.ts'

export const cooldown = definePlugin({
  name: 'cooldown',

  indexOptions: {
    cooldown: durationOption({
      doc: 'Hide files of mirrors that are younger than this, by upstream’s time.',
    }),
    cooldown_exempt: requirementsOption('Releases that show at once: `foo`, `foo==1.2`.'),
    uploaded_before: instantOption({
      doc: 'Hide files of mirrors that were uploaded later, or at a time that is not known.',
    }),
  },

  hooks: {
    filterLinks({ cooldown: span = 0, cooldown_exempt: exempt = [], uploaded_before: limit }) {
      if (span === 0 && limit === undefined) return undefined
      return ({ project, now }) => {
        const exemptions = requirementsFor(exempt, project)
        return ({ file }) => {
          // What somebody uploaded or pushed here was chosen.
          if (!file.upstream) return undefined
          const since = firstSeen(file)
          if (limit !== undefined && since >= limit) {
            return {
              reason: `it came at ${printInstant(since)}, and uploaded_before is ${printInstant(limit)}`,
            }
          }
          const until = since + span
          if (until <= now) return undefined
          if (exemptions.some((one) => isMeant(one, file.version) === true)) return undefined
          return { reason: `it is younger than ${printDuration(span)}`, until }
        }
      }
    },
  },
})

/** Upstream's upload time; where it tells none, when the file was seen first. */
const firstSeen = ({ uploadedAt, addedAt }: OfferedLink['file']): number =>
  uploadedAt === undefined ? addedAt : Date.parse(uploadedAt)

const printInstant = (at: number): string => new Date(at).toISOString()
