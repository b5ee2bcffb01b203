/** Creating, changing and removing indexes. */
import { refuse } from '#base/refusal'
import type { Call, Route } from '#http/route'
import type { Ledger } from '#ledger/ledger'
import { assertMayChangeIndex, assertMayCreateIndex } from '#registry/access'
import { createOptions } from '#registry/index-options'
import { getIndex, indexName, viewIndex, type IndexEntry, type IndexName } from '#registry/indexes'
import { keys } from '#registry/keys'
import type { Policies } from '#registry/policies'
import { getUser } from '#registry/users'
import type { WebActions } from '../actions.ts'
import { Addresses } from '../addresses.ts'
import { crumbs } from '../crumbs.ts'
import { atField } from '../forms/at-field.ts'
import { confirmation, readConfirmation } from '../forms/confirmation.ts'
import { formRoutes, type PrintPage } from '../forms/form-routes.ts'
import { group, Mistakes } from '../forms/form-view.ts'
import { optionGroups, readOptionChange } from '../forms/option-texts.ts'

interface Needs {
  readonly ledger: Ledger
  readonly policies: Policies
  readonly actions: WebActions
}

/** A lock file may stand in an option. */
const LARGEST = 16 * 1024 * 1024

const scripts = ['sortable-lines.js']

export function indexForms(print: PrintPage, { ledger, policies, actions }: Needs): Route[] {
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

  return [
    ...formRoutes(print, {
      path: '/:user/+new-index',
      purpose: 'new-index',
      limit: LARGEST,
      scripts,
      crumbs: ({ params: { user = '' } }, addresses) => crumbs(addresses, user),
      async assertMay({ params: { user = '' }, who }) {
        await ledger.read((tx) => getUser(tx, user))
        assertMayCreateIndex(indexName(user, '…'), who)
      },
      async form(call, typed) {
        const { user = '' } = call.params
        const type = typeOf(call)
        const other = type === 'stage' ? 'mirror' : 'stage'
        const address = new Addresses(call).at(user, '+new-index')
        return {
          title: type === 'stage' ? 'New stage' : 'New mirror',
          intro: [
            type === 'stage'
              ? 'A stage holds releases that are uploaded to it, and inherits those of its bases.'
              : "A mirror offers what another server's index has, and keeps what is fetched.",
          ],
          groups: [
            group({
              name: 'name',
              label: 'Name',
              input: { kind: 'text' },
              value: typed?.get('name') ?? '',
              isRequired: true,
            }),
            ...optionGroups(type, more, { stored: initial(user, type), typed }),
          ],
          submit: `Create the ${type}`,
          back: new Addresses(call).user(user),
          links: [{ title: `Make a ${other} instead`, address: `${address}?type=${other}` }],
        }
      },
      async send(call, typed) {
        const { user = '' } = call.params
        const type = typeOf(call)
        const index = typed.get('name')?.trim() ?? ''
        if (index === '') throw new Mistakes({ name: 'An index needs a name.' })
        const { body } = readOptionChange(type, more, { stored: initial(user, type), typed })
        const whole = { ...body, type }
        await atOption({ 'index-exists': 'name', 'index-name-invalid': 'name' }, () =>
          actions.indexes.create(call.who, { user, index, body: whole }),
        )
        return new Addresses(call).index(indexName(user, index))
      },
    }),

    ...formRoutes(print, {
      path: '/:user/:index/+edit',
      purpose: 'edit-index',
      limit: LARGEST,
      scripts,
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

const typeOf = ({ query }: Call): IndexEntry['type'] =>
  query.get('type') === 'mirror' ? 'mirror' : 'stage'

/** What a new one has from the beginning. */
function initial(user: string, type: IndexEntry['type']): Readonly<Record<string, unknown>> {
  const { mirror_url: _url, ...options } = createOptions(user, {
    type,
    ...(type === 'mirror' && { mirror_url: 'https://example.org/' }),
  }) as unknown as Record<string, unknown>
  return options
}

/** Whether bases are there is found out when all is written. */
async function atOption<T>(
  fieldOf: Parameters<typeof atField>[0],
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await atField({ 'index-option-invalid': 'bases', ...fieldOf }, work)
  } catch (error) {
    const { bases } = error instanceof Mistakes ? error.byField : {}
    if (bases === undefined || bases.includes('base index')) throw error
    throw new Mistakes({}, bases)
  }
}
