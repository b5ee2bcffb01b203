/** Streams of changes, attached as replicas attach them: what comes is read and thrown away. */
import { once } from 'node:events'
import { Agent, request, type IncomingMessage } from 'node:http'
import { openLedger } from '#ledger/open-ledger'
import type { SharedSecret } from '../../test/support/feed.ts'
import type { Yard } from '../../test/support/yard.ts'
import { statusOf } from './replicas.ts'

export interface Followers extends AsyncDisposable {
  /** Of all, since they were attached. */
  readonly bytes: number
}

/** From the last serial on; resolves when all are attached. */
export async function attachFollowers(
  primary: Yard,
  { tokens }: SharedSecret,
  count: number,
): Promise<Followers> {
  const agent = new Agent({ maxSockets: count })
  const last = await lastChange(primary)
  let bytes = 0
  await Promise.all(
    Array.from({ length: count }, async (_, at) => {
      const authorization = `Bearer ${tokens.issue(`follower-${at}`)}`
      const path = `+changes/${last.serial + 1}-?after=${last.hash}`
      const sent = request(primary.url(path), { agent, headers: { authorization } }).end()
      const [answer] = (await once(sent, 'response')) as [IncomingMessage]
      if (answer.statusCode !== 200) throw new Error(`${path}: ${answer.statusCode}`)
      answer.on('error', () => {}) // broken off at the end
      answer.on('data', (piece: Buffer) => (bytes += piece.length))
      await once(answer, 'data')
    }),
  )
  return {
    get bytes() {
      return bytes
    },
    async [Symbol.asyncDispose]() {
      agent.destroy()
    },
  }
}

async function lastChange(primary: Yard) {
  const { serial } = await statusOf(primary)
  const ledger = await openLedger(primary.folder)
  const change = await ledger.change(serial)
  await ledger.close()
  if (!change) throw new Error(`there is no change ${serial}`)
  return change
}
