/** Which licences are offered: by SPDX identifiers, or by the names that older metadata has. */
import { canBeMet } from '#python/licence'
import { isLicenceId, licenceKey } from '#python/licence-name'
import { listOption, Mistake } from '#plugins/options'
import { definePlugin } from '#plugins/plugin'
import { suggestLicences } from './nearest-licences.ts'

const licencesOption = (doc: string) => listOption({ doc, read: readName })

export const licences = definePlugin({
  name: 'licences',
  reads: () => ['licence'],

  indexOptions: {
    allow_licences: licencesOption('Offer only files whose licence can be met with these.'),
    deny_licences: licencesOption('Hide files whose licence cannot be met without one of these.'),
  },

  hooks: {
    filterLinks({ allow_licences: allowed, deny_licences: denied = [] }) {
      const isGood = (licence: string): boolean => {
        const name = licenceKey(licence)
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

/** Older metadata calls licences by any name: such a one stands in quotes, so that nobody writes it by mistake. */
const QUOTED = /^"([^"]+)"$/

function readName(member: string): string | Mistake {
  const text = member.trim()
  if (text === '' || text.length > 200) return new Mistake('it is no name of a licence')
  const quoted = QUOTED.exec(text)?.[1]
  if (quoted !== undefined) return quoted.trim().toLowerCase()
  const word = /(?<=^|\s)(?:and|or|with)(?=\s|$)|[()]/i.exec(text)
  if (word) {
    return new Mistake(
      `name one licence each: there is an expression at character ${word.index + 1}`,
    )
  }
  return isLicenceId(text) ? licenceKey(text) : new Mistake(describeUnknown(text))
}

function describeUnknown(text: string): string {
  const near = suggestLicences(text)
  const meant = near.length > 0 ? `; near are ${near.join(', ')}` : ''
  return `it is no SPDX identifier${meant}. What older metadata calls so is named in quotes`
}
