/** Users as JSON (devpi-http 4.1, 4.6). */
import { json } from '#http/reply'
import { del, get, patch, put, type Answer, type Call, type Route } from '#http/route'
import { assertMayChangeUser, assertMayRemoveUser } from '#registry/access'
import {
  changeUser,
  createUser,
  getUser,
  listUsers,
  prepareUser,
  prepareUserChange,
  removeUser,
  viewUser,
} from '#registry/users'
import { bodyObject } from './body.ts'
import { tokenResult } from './login.ts'
import type { Parts } from './parts.ts'

export function userRoutes({ ledger, logins }: Parts): Route[] {
  return [
    get('/', showUsers),
    ...['/:user', '/:user/'].flatMap((path) => [
      get(path, showUser),
      put(path, putUser),
      patch(path, patchUser),
      del(path, deleteUser),
    ]),
  ]

  async function showUsers(): Promise<Answer> {
    const result = await ledger.read(async (tx) => {
      const views: Record<string, unknown> = {}
      for (const { user, entry } of await listUsers(tx))
        views[user] = await viewUser(tx, user, entry)
      return views
    })
    return json(200, { result, type: 'list:userconfig' })
  }

  async function showUser({ params: { user = '' } }: Call): Promise<Answer> {
    const result = await ledger.read(async (tx) => viewUser(tx, user, await getUser(tx, user)))
    return json(200, { result, type: 'userconfig' })
  }

  /** Anybody may sign up, as with devpi. */
  async function putUser(call: Call): Promise<Answer> {
    const { user = '' } = call.params
    const fields = await prepareUser(user, await bodyObject(call))
    const result = await ledger.write(actorOf(call), async (tx) =>
      viewUser(tx, user, await createUser(tx, user, fields)),
    )
    return json(201, { result, type: 'userconfig' })
  }

  async function patchUser(call: Call): Promise<Answer> {
    const { user = '' } = call.params
    const body = await bodyObject(call)
    await ledger.read((tx) => getUser(tx, user))
    const names = Object.keys(body)
    const onlyPassword = names.length === 1 && names[0] === 'password'
    assertMayChangeUser(user, call.who, { onlyPassword })

    const change = await prepareUserChange(body)
    const entry = await ledger.write(actorOf(call), (tx) => changeUser(tx, user, change))
    if (!change.changesPassword) return json(200, { message: 'user updated' })
    return json(200, {
      result: tokenResult(logins.issueToken(user, entry), logins.lifetimeMs),
      type: 'userpassword',
      message: 'user updated, new proxy auth',
    })
  }

  async function deleteUser(call: Call): Promise<Answer> {
    const { user = '' } = call.params
    assertMayRemoveUser(user, call.who)
    await ledger.write(actorOf(call), (tx) => removeUser(tx, user))
    return json(200, { message: `user '${user}' deleted` })
  }
}

/** Who stands in the change that a request makes. */
export const actorOf = ({ who }: Call): string => who.user ?? ''
