/** An index that offers only what a constraints, requirements or lock file names, with its hashes. */
import { textOption } from '#plugins/options'
import { definePlugin } from '#plugins/plugin'
import { readNamedReleases } from './named-releases.ts'

/** In characters: those of the largest applications have two million. */
const LONGEST = 4 * 1024 * 1024

export const constraints = definePlugin({
  name: 'constraints',

  indexOptions: {
    constraints: textOption({
      doc: 'The text of a constraints, requirements or lock file: offer only what it names, with its hashes.',
      longest: LONGEST,
      read: readNamedReleases,
    }),
  },

  hooks: {
    filterLinks({ constraints: named }) {
      if (!named) return undefined
      return ({ project }) => {
        const check = named.get(project)
        if (!check) return () => ({ reason: `constraints does not name ${project}` })
        return ({ file }) => {
          const reason = check(file)
          return reason === undefined ? undefined : { reason }
        }
      }
    },
  },
})
