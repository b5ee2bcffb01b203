/** Only these releases, never those: lists of requirements. */
import { definePlugin } from '#plugins/plugin'
import { isMeant, requirementsFor, requirementsOption } from './requirement-list.ts'

/** Whoever sets it so may have meant to take it back. */
const EMPTY = 'allow is empty, which names nothing'

export const allowDeny = definePlugin({
  name: 'allow-deny',

  indexOptions: {
    allow: requirementsOption('Offer only the releases that one of these requirements means.'),
    deny: requirementsOption('Hide the releases that any of these requirements means.'),
  },

  hooks: {
    filterLinks({ allow, deny = [] }) {
      return ({ project }) => {
        const allowed = allow && requirementsFor(allow, project)
        const denied = requirementsFor(deny, project)
        return ({ file: { version } }) => {
          // A version that is none is denied where it may be meant, and allowed where it is meant for sure.
          const against = denied.find((one) => isMeant(one, version) !== false)
          if (against) return { reason: `deny names ${against.text}` }
          if (allowed && !allowed.some((one) => isMeant(one, version) === true)) {
            return { reason: allow.length === 0 ? EMPTY : 'allow does not name it' }
          }
          return undefined
        }
      }
    },
  },
})
