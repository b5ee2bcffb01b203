/** What pages let logged-in people do: the same pieces that answer programs. */
import { indexOperations } from '#api/index-operations'
import type { Parts } from '#api/parts'
import { pushRelease } from '#api/push-internal'
import { removalOperations } from '#api/removal-operations'
import { uploadIntake } from '#api/upload-alone'
import { userOperations } from '#api/user-operations'
import { changeYank } from '#api/yanks'
import type { WebActions } from '#web/actions'

export function webActions(parts: Parts): WebActions {
  const { ledger, logins } = parts
  return {
    async logIn(user, password) {
      const login = await logins.logIn(user, password)
      return login && logins.issueToken(login)
    },
    loginLifetimeMs: logins.lifetimeMs,
    users: userOperations(parts),
    indexes: indexOperations(parts),
    remove: removalOperations(parts),
    yank: (order) => changeYank(ledger, order),
    push: (who, push) => pushRelease(parts, who, push),
    intake: uploadIntake(parts),
  }
}
