/** Creating indexes. */
import type { Call } from '#http/route'
import type { Ledger } from '#ledger/ledger'
import { assertMayCreateIndex } from '#registry/access'
import { createOptions } from '#registry/index-options'
import { indexName, type IndexEntry } from '#registry/indexes'
import type { Policies } from '#registry/policies'
import { getUser } from '#registry/users'
import type { WebActions } from '../actions.ts'
import { Addresses } from '../addresses.ts'
import { crumbs } from '../crumbs.ts'
import { atOption } from '../forms/at-field.ts'
import type { FormPage } from '../forms/form-routes.ts'
import { group, Mistakes } from '../forms/form-view.ts'
import { optionForm, optionGroups, readOptionChange } from '../forms/option-texts.ts'

interface Needs {
  readonly ledger: Ledger
  readonly policies: Policies
  readonly actions: WebActions
}

export function newIndexForm({ ledger, policies, actions }: Needs): FormPage {
  const { options: more } = policies
  return {
    path: '/:user/+new-index',
    purpose: 'new-index',
    ...optionForm,
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
  }
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
