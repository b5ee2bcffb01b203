/** What a server of the group tells everybody of itself, its replicas' secret or not. */
import { json } from 'node:stream/consumers'
import { Dispatchers, type ConnectionSettings } from '#base/dispatchers'
import { askPeer } from '#base/peer'
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
  try {
    const { status, body } = await askPeer(dispatchers, {
      url: `${url.replace(/\/*$/, '/')}+status`,
      headers: { accept: 'application/json' },
    })
    const answer = (await json(body)) as { result?: Partial<PublicStatus> }
    const { uuid, serial } = answer.result ?? {}
    const isStatus = status === 200 && typeof uuid === 'string' && typeof serial === 'number'
    return isStatus ? { uuid, serial } : undefined
  } catch {
    return undefined // away, or something else
  } finally {
    await dispatchers.destroy()
  }
}
