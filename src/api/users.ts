/** Users as JSON (devpi-http 4.1, 4.6). */
import { actorName } from '#base/identity'
import { json } from '#http/reply'
import { del, get, patch, put, type Answer, type Call, type Route } from '#http/route'
import { assertMayCreateUser } from '#registry/access'
import { assertUserIsNew, getUser, viewUser, viewUsers } from '#registry/users'
import { bodyObject } from './body.ts'
import { jsonKeeper, nameOfAsker } from './kept-json.ts'
import { tokenResult } from './login.ts'
import type { Parts } from './parts.ts'
import { userOperations } from './user-operations.ts'
import { asJson, named } from './views.ts'

export function userRoutes(parts: Parts): Route[] {
  const { ledger, logins, reading } = parts
  const operations = userOperations(parts)
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
      result: await viewUsers(tx, who, await reading.seenBy(who, tx)),
      type: 'list:userconfig',
    }))
  }

  function showUser({ params: { user = '' }, who }: Call): Promise<Answer> {
    return kept.send(`json user ${user} ${nameOfAsker(who)}`, async (tx) => ({
      result: await viewUser(tx, user, who, await reading.seenBy(who, tx)),
      type: 'userconfig',
    }))
  }

  async function putUser(call: Call): Promise<Answer> {
    const { user = '' } = call.params
    assertMayCreateUser(user, call.who)
    await ledger.read((tx) => assertUserIsNew(tx, user)) // before the body, as devpi has it
    const result = await operations.create(call.who, user, await bodyObject(call))
    return json(201, { result, type: 'userconfig' })
  }

  async function patchUser(call: Call): Promise<Answer> {
    const { user = '' } = call.params
    await ledger.read((tx) => getUser(tx, user)) // before the body, as devpi has it
    const body = await bodyObject(call)
    const token = await operations.change(call.who, user, body)
    if (token === undefined) return json(200, { message: 'user updated' })
    return json(200, {
      result: tokenResult(token, logins.lifetimeMs),
      type: 'userpassword',
      message: 'user updated, new proxy auth',
    })
  }

  async function deleteUser(call: Call): Promise<Answer> {
    const { user = '' } = call.params
    await operations.remove(call.who, user)
    return json(200, { message: `user '${user}' deleted` })
  }
}

/** Who stands in the change that a request makes. */
export const actorOf = ({ who }: Call): string => actorName(who)
