/** Which licences are offered: by SPDX identifiers, or by the names that older metadata has. */
import { canBeMet } from '#python/licence'
import { listOption, Mistake } from '#plugins/options'
import { definePlugin } from '#plugins/plugin'

const licencesOption = (doc: string) => listOption({ doc, read: readName })

export const licences = definePlugin({
  name: 'licences',
  readsLicences: true,

  indexOptions: {
    allow_licences: licencesOption('Offer only files whose licence can be met with these.'),
    deny_licences: licencesOption('Hide files whose licence cannot be met without one of these.'),
  },

  hooks: {
    filterLinks({ allow_licences: allowed, deny_licences: denied = [] }) {
      const isGood = (licence: string): boolean => {
        const name = licence.toLowerCase()
        return !denied.includes(name) && (allowed === undefined || allowed.includes(name))
      }
      return () =>
        ({ file: { licence } }) => {
          if (licence === undefined) return { reason: 'its licence is not known' }
          if (licence === '') return { reason: 'it does not tell its licence' }
          return canBeMet(licence, isGood) ? undefined : { reason: `its licence is ${licence}` }
        }
    },
  },
})

function readName(member: string): string | Mistake {
  const name = member.trim().toLowerCase()
  if (name === '' || name.length > 200) return new Mistake('it is no name of a licence')
  const word = /(?:^|\s)(?:and|or|with)(?:\s|$)|[()]/.exec(name)
  if (word)
    return new Mistake(
      `name one licence each: there is an expression at character ${word.index + 1}`,
    )
  return name
}
