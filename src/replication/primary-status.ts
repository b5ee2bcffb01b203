/** What a server of the group tells everybody of itself, its replicas' secret or not. */
import { Dispatchers, type ConnectionSettings } from '#base/dispatchers'
import type { Serial } from '#ledger/key'

export interface PublicStatus {
  readonly uuid: string
  readonly serial: Serial
}

/** Undefined where nobody answers, or nobody of our kind. */
export async function askStatus(
  url: string,
  connections: ConnectionSettings,
): Promise<PublicStatus | undefined> {
  const dispatchers = new Dispatchers(connections)
  const { request } = await import('undici')
  try {
    const { statusCode, body } = await request(`${url.replace(/\/*$/, '/')}+status`, {
      dispatcher: await dispatchers.for(url),
      headers: { accept: 'application/json' },
    })
    const answer = (await body.json()) as { result?: Partial<PublicStatus> }
    const { uuid, serial } = answer.result ?? {}
    const isStatus = statusCode === 200 && typeof uuid === 'string' && typeof serial === 'number'
    return isStatus ? { uuid, serial } : undefined
  } catch {
    return undefined // away, or something else
  } finally {
    await dispatchers.destroy()
  }
}
