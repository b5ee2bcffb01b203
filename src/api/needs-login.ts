/** Who would have to log in. */
import { refuse } from '#base/refusal'
import type { Call } from '#http/route'

/** devpi's client takes a 401 for a wrong password. */
export function needsLogin({ headers }: Pick<Call, 'headers'>): Error {
  const isDevpi = headers['user-agent']?.includes('devpi-client') ?? false
  return isDevpi
    ? refuse('forbidden', { action: 'see this without a login' })
    : refuse('login-needed')
}
