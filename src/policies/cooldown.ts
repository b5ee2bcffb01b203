/** Hides files from an index until they are old enough to have been looked at by others. */
import { printDuration } from '#base/duration'
import { definePlugin } from '#plugins/plugin'
import { durationOption, namesOption } from '#plugins/options'

export const cooldown = definePlugin({
  name: 'cooldown',

  indexOptions: {
    cooldown: durationOption({
      doc: 'Hide files of mirrors that are younger than this, by upstream’s time.',
    }),
    cooldown_exempt: namesOption({ doc: 'Projects whose new files show at once.' }),
  },

  hooks: {
    filterLinks({ cooldown: span = 0, cooldown_exempt: exempt }) {
      if (span === 0) return undefined
      return ({ project, now }) => {
        if (exempt?.has(project)) return () => undefined
        return ({ file }) => {
          // What somebody uploaded or pushed here was chosen.
          if (!file.upstream) return undefined
          const since = file.uploadedAt === undefined ? file.addedAt : Date.parse(file.uploadedAt)
          const until = since + span
          if (until <= now) return undefined
          return { reason: `it is younger than ${printDuration(span)}`, until }
        }
      }
    },
  },
})
