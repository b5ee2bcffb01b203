/** What may be done to users, by programs and on pages: with the rights, and all that belongs to it. */
import { isDeepStrictEqual } from 'node:util'
import { actorName, type Identity } from '#base/identity'
import { refuse } from '#base/refusal'
import { assertMayChangeUser, assertMayCreateUser, assertMayRemoveUser } from '#registry/access'
import { localLogin } from '#registry/identify'
import { finishRemoval } from '#registry/index-removal'
import { prepareUser, prepareUserChange, type UserBody } from '#registry/user-fields'
import { changeUser, createUser, removeUser, viewUser, type UserView } from '#registry/users'
import type { Parts } from './parts.ts'

export interface UserOperations {
  create(who: Identity, user: string, body: UserBody): Promise<UserView>
  /** Returns a login token where the password is another one now. */
  change(who: Identity, user: string, body: UserBody): Promise<string | undefined>
  remove(who: Identity, user: string): Promise<void>
}

type Needs = Pick<Parts, 'ledger' | 'logins' | 'mirrors' | 'server'>

export function userOperations({ ledger, logins, mirrors, server }: Needs): UserOperations {
  return {
    async create(who, user, body) {
      assertMayCreateUser(user, who)
      const fields = await prepareUser(user, body)
      return ledger.write(actorName(who), async (tx) => {
        await createUser(tx, user, fields)
        return viewUser(tx, user, who)
      })
    },

    async change(who, user, body) {
      const known = await ledger.read((tx) => viewUser(tx, user, who))
      const onlyPassword = setsOnlyPassword(body, who.user === user ? known : {})
      assertMayChangeUser(user, who, { onlyPassword })
      if (user === 'root' && body.password === '' && server.isExposed) {
        const expected = 'something: others than this machine can reach the server'
        throw refuse('user-value-invalid', { key: 'password', expected })
      }
      const change = await prepareUserChange(onlyPassword ? { password: body.password } : body)
      const entry = await ledger.write(actorName(who), (tx) => changeUser(tx, user, change))
      return change.changesPassword ? logins.issueToken(localLogin(user, entry)) : undefined
    },

    async remove(who, user) {
      assertMayRemoveUser(user, who)
      const removed = await ledger.write(actorName(who), (tx) => removeUser(tx, user))
      for (const index of removed) {
        mirrors.forget(index)
        await finishRemoval(ledger, index, actorName(who))
      }
    },
  }
}

/** Whether all else is as it was: devpi's client sends back what it has read, with the new password in it. */
function setsOnlyPassword(body: UserBody, known: object): boolean {
  const before = new Map<string, unknown>(Object.entries(known))
  const others = Object.entries(body).filter(([name]) => name !== 'password')
  const isAsBefore = others.every(([name, value]) => isDeepStrictEqual(value, before.get(name)))
  return 'password' in body && isAsBefore
}
