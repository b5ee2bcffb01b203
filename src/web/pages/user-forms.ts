/** Creating, changing and removing users, and their passwords. */
import type { Call, Route } from '#http/route'
import type { Ledger } from '#ledger/ledger'
import { assertMayChangeUser, assertMayCreateUser, assertMayRemoveUser } from '#registry/access'
import { viewUser, type UserView } from '#registry/users'
import type { WebActions } from '../actions.ts'
import { Addresses } from '../addresses.ts'
import { crumbs } from '../crumbs.ts'
import { atField } from '../forms/at-field.ts'
import { confirmation, readConfirmation } from '../forms/confirmation.ts'
import { formRoutes, type PrintPage } from '../forms/form-routes.ts'
import { group, Mistakes } from '../forms/form-view.ts'
import { ownFields, passwordFields, readNewPassword, readOwnFields } from '../forms/user-fields.ts'

interface Needs {
  readonly ledger: Ledger
  readonly actions: WebActions
}

export function userForms(print: PrintPage, { ledger, actions }: Needs): Route[] {
  const userOf = ({ params }: Call): string => params.user ?? ''
  const known = (call: Call): Promise<UserView> =>
    ledger.read((tx) => viewUser(tx, userOf(call), call.who))
  const crumbsOf = (call: Call, addresses: Addresses) => crumbs(addresses, userOf(call))

  return [
    ...formRoutes(print, {
      path: '/+new-user',
      purpose: 'new-user',
      isOpen: true,
      crumbs: () => [],
      async assertMay({ who }) {
        assertMayCreateUser('', who)
      },
      async form(call, typed) {
        const name = {
          name: 'name',
          label: 'Name',
          input: { kind: 'username' },
          value: typed?.get('name') ?? '',
          isRequired: true,
        } as const
        return {
          title: 'New user',
          groups: [group(name, ...passwordFields(), ...ownFields(typed, undefined))],
          submit: 'Create the user',
          back: new Addresses(call).home(),
        }
      },
      async send(call, typed) {
        const name = typed.get('name') ?? ''
        if (name === '') throw new Mistakes({ name: 'A user needs a name.' })
        const password = readNewPassword(typed)
        const body = { ...readOwnFields(typed), password }
        await atField({ 'user-exists': 'name', 'user-name-invalid': 'name' }, () =>
          actions.users.create(call.who, name, body),
        )
        const addresses = new Addresses(call)
        if (call.who.user !== undefined) return addresses.user(name)
        return `${addresses.at('+login')}?goto_url=${encodeURIComponent(addresses.user(name))}`
      },
    }),

    ...formRoutes(print, {
      path: '/:user/+edit',
      purpose: 'edit-user',
      crumbs: crumbsOf,
      async assertMay(call) {
        await known(call)
        assertMayChangeUser(userOf(call), call.who, { onlyPassword: false })
      },
      async form(call, typed) {
        const addresses = new Addresses(call)
        const user = userOf(call)
        return {
          title: `Change user ${user}`,
          groups: [group(...ownFields(typed, await known(call)))],
          submit: 'Save',
          back: addresses.user(user),
          links: [
            { title: 'Change the password', address: addresses.at(user, '+password') },
            { title: 'Delete the user', address: addresses.at(user, '+delete') },
          ],
        }
      },
      async send(call, typed) {
        await actions.users.change(call.who, userOf(call), readOwnFields(typed))
        return new Addresses(call).user(userOf(call))
      },
    }),

    ...formRoutes(print, {
      path: '/:user/+password',
      purpose: 'password',
      crumbs: crumbsOf,
      async assertMay(call) {
        await known(call)
        assertMayChangeUser(userOf(call), call.who, { onlyPassword: true })
      },
      form: async (call) => ({
        title: `New password for ${userOf(call)}`,
        groups: [group(...passwordFields())],
        submit: 'Change the password',
        back: new Addresses(call).user(userOf(call)),
      }),
      async send(call, typed) {
        const password = readNewPassword(typed)
        await atField({ 'user-value-invalid': 'password' }, () =>
          actions.users.change(call.who, userOf(call), { password }),
        )
        return new Addresses(call).user(userOf(call))
      },
    }),

    ...formRoutes(print, {
      path: '/:user/+delete',
      purpose: 'delete-user',
      crumbs: crumbsOf,
      async assertMay(call) {
        await known(call)
        assertMayRemoveUser(userOf(call), call.who)
      },
      async form(call, typed) {
        const user = userOf(call)
        const names = Object.keys((await known(call)).indexes).map((index) => `${user}/${index}`)
        return {
          title: `Delete user ${user}`,
          intro: [
            names.length === 0
              ? `The user ${user} has no indexes.`
              : `With ${user} go all indexes and what is on them: ${names.join(', ')}.`,
          ],
          groups: [group(confirmation(user, typed))],
          submit: `Delete ${user}`,
          isDangerous: true,
          back: new Addresses(call).user(user),
        }
      },
      async send(call, typed) {
        readConfirmation(userOf(call), typed)
        await actions.users.remove(call.who, userOf(call))
        return new Addresses(call).home()
      },
    }),
  ]
}
