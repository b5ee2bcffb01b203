/** Users as JSON (devpi-http 4.1, 4.6). */
import { isDeepStrictEqual } from 'node:util'
import { refuse } from '#base/refusal'
import { json } from '#http/reply'
import { del, get, patch, put, type Answer, type Call, type Route } from '#http/route'
import { assertMayChangeUser, assertMayCreateUser, assertMayRemoveUser } from '#registry/access'
import { finishRemoval } from '#registry/index-removal'
import { localLogin } from '#registry/identify'
import { prepareUser, prepareUserChange } from '#registry/user-fields'
import {
  assertUserIsNew,
  changeUser,
  createUser,
  removeUser,
  viewUser,
  viewUsers,
} from '#registry/users'
import { bodyObject } from './body.ts'
import { jsonKeeper, nameOfAsker } from './kept-json.ts'
import { tokenResult } from './login.ts'
import type { Parts } from './parts.ts'
import { asJson, named } from './views.ts'

export function userRoutes(parts: Parts): Route[] {
  const { ledger, logins, mirrors, server } = parts
  const kept = jsonKeeper(parts)
  return [
    get('/', asJson(showUsers)),
    ...['/:user', '/:user/'].flatMap((path) => [
      get(path, named(asJson(showUser))),
      put(path, named(putUser)),
      patch(path, named(patchUser)),
      del(path, named(deleteUser)),
    ]),
  ]

  function showUsers({ who }: Call): Promise<Answer> {
    return kept.send(`json users ${nameOfAsker(who)}`, async (tx) => ({
      result: await viewUsers(tx, who),
      type: 'list:userconfig',
    }))
  }

  function showUser({ params: { user = '' }, who }: Call): Promise<Answer> {
    return kept.send(`json user ${user} ${nameOfAsker(who)}`, async (tx) => ({
      result: await viewUser(tx, user, who),
      type: 'userconfig',
    }))
  }

  async function putUser(call: Call): Promise<Answer> {
    const { user = '' } = call.params
    assertMayCreateUser(user, call.who)
    await ledger.read((tx) => assertUserIsNew(tx, user)) // before the body, as devpi has it
    const body = await bodyObject(call)
    const fields = await prepareUser(user, body)
    const result = await ledger.write(actorOf(call), async (tx) => {
      await createUser(tx, user, fields)
      return viewUser(tx, user, call.who)
    })
    return json(201, { result, type: 'userconfig' })
  }

  async function patchUser(call: Call): Promise<Answer> {
    const { user = '' } = call.params
    const known = await ledger.read((tx) => viewUser(tx, user, call.who))
    const body = await bodyObject(call)
    const onlyPassword = setsOnlyPassword(body, call.who.user === user ? known : {})
    assertMayChangeUser(user, call.who, { onlyPassword })

    if (user === 'root' && body.password === '' && server.isExposed) {
      const expected = 'something: others than this machine can reach the server'
      throw refuse('user-value-invalid', { key: 'password', expected })
    }
    const change = await prepareUserChange(onlyPassword ? { password: body.password } : body)
    const entry = await ledger.write(actorOf(call), (tx) => changeUser(tx, user, change))
    if (!change.changesPassword) return json(200, { message: 'user updated' })
    return json(200, {
      result: tokenResult(logins.issueToken(localLogin(user, entry)), logins.lifetimeMs),
      type: 'userpassword',
      message: 'user updated, new proxy auth',
    })
  }

  async function deleteUser(call: Call): Promise<Answer> {
    const { user = '' } = call.params
    assertMayRemoveUser(user, call.who)
    const removed = await ledger.write(actorOf(call), (tx) => removeUser(tx, user))
    for (const index of removed) {
      mirrors.forget(index)
      await finishRemoval(ledger, index, actorOf(call))
    }
    return json(200, { message: `user '${user}' deleted` })
  }
}

/** Whether all else is as it was: devpi's client sends back what it has read, with the new password in it. */
function setsOnlyPassword(body: Record<string, unknown>, known: object): boolean {
  const before = new Map<string, unknown>(Object.entries(known))
  const others = Object.entries(body).filter(([name]) => name !== 'password')
  const isAsBefore = others.every(([name, value]) => isDeepStrictEqual(value, before.get(name)))
  return 'password' in body && isAsBefore
}

/** Who stands in the change that a request makes. */
export const actorOf = ({ who }: Call): string => who.user ?? ''
