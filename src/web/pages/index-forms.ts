/** Changing and removing indexes. */
import { refuse } from '#base/refusal'
import type { Call, Route } from '#http/route'
import type { Ledger } from '#ledger/ledger'
import { assertMayChangeIndex } from '#registry/access'
import { getIndex, indexName, viewIndex, type IndexEntry, type IndexName } from '#registry/indexes'
import { keys } from '#registry/keys'
import type { Policies } from '#registry/policies'
import type { Reading } from '#registry/reading'
import type { WebActions } from '../actions.ts'
import { Addresses } from '../addresses.ts'
import { crumbs } from '../crumbs.ts'
import { atOption } from '../forms/at-field.ts'
import { confirmation, readConfirmation } from '../forms/confirmation.ts'
import { formRoutes, type PrintPage } from '../forms/form-routes.ts'
import { group } from '../forms/form-view.ts'
import { optionForm, optionGroups, readOptionChange } from '../forms/option-texts.ts'

interface Needs {
  readonly ledger: Ledger
  readonly policies: Policies
  readonly actions: WebActions
  readonly reading: Reading
  readonly heirs: (index: IndexName) => Promise<readonly IndexName[]>
}

export function indexForms(
  print: PrintPage,
  { ledger, policies, actions, reading, heirs }: Needs,
): Route[] {
  const { options: more } = policies
  const indexOf = ({ params: { user = '', index = '' } }: Call): IndexName => indexName(user, index)
  const known = (call: Call): Promise<IndexEntry> =>
    ledger.read(async (tx) => {
      const name = indexOf(call)
      return viewIndex({ name, entry: await getIndex(tx, name) }, call.who)
    })
  const crumbsOf = ({ params: { user = '', index = '' } }: Call, addresses: Addresses) =>
    crumbs(addresses, user, index)
  const addressOf = (call: Call): string => new Addresses(call).index(indexOf(call))

  /** Those that the reader may know of. */
  async function heirsOf(name: IndexName, { who }: Call): Promise<IndexName[]> {
    const all = await heirs(name)
    const limits = await reading.now()
    return all.filter((heir) => heir !== name && limits.mayRead(heir, who))
  }

  return [
    ...formRoutes(print, {
      path: '/:user/:index/+edit',
      purpose: 'edit-index',
      ...optionForm,
      crumbs: crumbsOf,
      async assertMay(call) {
        await known(call)
        assertMayChangeIndex(indexOf(call), call.who, 'modify')
      },
      async form(call, typed) {
        const entry = await known(call)
        const stored = entry as unknown as Readonly<Record<string, unknown>>
        const address = addressOf(call)
        return {
          title: `Change index ${indexOf(call)}`,
          groups: optionGroups(entry.type, more, { stored, typed }),
          submit: 'Save',
          back: address,
          links: entry.volatile
            ? [{ title: 'Delete the index', address: `${address}/+delete` }]
            : [],
        }
      },
      async send(call, typed) {
        const name = indexOf(call)
        const entry = await known(call)
        const stored = entry as unknown as Readonly<Record<string, unknown>>
        const { body, drop } = readOptionChange(entry.type, more, { stored, typed })
        await atOption({}, () => actions.indexes.change(call.who, name, body, { drop }))
        return addressOf(call)
      },
    }),

    ...formRoutes(print, {
      path: '/:user/:index/+delete',
      purpose: 'delete-index',
      crumbs: crumbsOf,
      async assertMay(call) {
        const { volatile } = await known(call)
        const name = indexOf(call)
        assertMayChangeIndex(name, call.who, 'delete')
        if (!volatile) throw refuse('index-nonvolatile', { index: name })
      },
      async form(call, typed) {
        const name = indexOf(call)
        const projects = await ledger.read((tx) => tx.listNames(keys.projects(name)))
        const { length } = projects
        return {
          title: `Delete index ${name}`,
          intro: [
            length === 0
              ? `Nothing is on ${name}.`
              : `With ${name} ${length === 1 ? 'goes its one project' : `go its ${length} projects`}: ` +
                `${projects.slice(0, 10).join(', ')}${length > 10 ? ' …' : ''}.`,
            ...tellHeirs(await heirsOf(name, call)),
          ],
          groups: [group(confirmation(name, typed))],
          submit: `Delete ${name}`,
          isDangerous: true,
          back: addressOf(call),
        }
      },
      async send(call, typed) {
        readConfirmation(indexOf(call), typed)
        await actions.indexes.remove(call.who, indexOf(call))
        return new Addresses(call).user(call.params.user ?? '')
      },
    }),
  ]
}

const MOST_HEIRS = 20

function tellHeirs(heirs: readonly IndexName[]): string[] {
  const { length } = heirs
  if (length === 0) return []
  const names = `${heirs.slice(0, MOST_HEIRS).join(', ')}${length > MOST_HEIRS ? ' …' : ''}`
  return [
    length === 1
      ? `The index ${names} has it as a base, and no longer offers what is on it.`
      : `${length} indexes have it as a base, and no longer offer what is on it: ${names}.`,
  ]
}
