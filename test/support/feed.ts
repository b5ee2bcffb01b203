/** A replica's side of the wire, for tests of a primary: its token, and the frames that come. */
import { randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { systemClock, type Clock } from '#base/clock'
import type { Change } from '#ledger/change'
import { parseChange } from '#replication/change-text'
import { FrameReader, type Frame } from '#replication/frames'
import { ReplicaTokens } from '#replication/replica-tokens'
import { makeTempFolder } from './temp.ts'

export interface SharedSecret extends AsyncDisposable {
  readonly path: string
  readonly tokens: ReplicaTokens
  /** As a server makes them whose clock stands there. */
  tokensAt(now: number): ReplicaTokens
  tokensBy(clock: Clock): ReplicaTokens
}

/** A secret file as two servers share it. */
export async function makeSharedSecret(): Promise<SharedSecret> {
  const folder = await makeTempFolder('secret')
  const path = folder.join('secret')
  const secret = randomBytes(32)
  await writeFile(path, secret, { mode: 0o600 })
  return {
    path,
    tokens: new ReplicaTokens(secret, systemClock),
    tokensAt: (now) => new ReplicaTokens(secret, { now: () => now }),
    tokensBy: (clock) => new ReplicaTokens(secret, clock),
    [Symbol.asyncDispose]: () => folder.remove(),
  }
}

export interface OpenFeed extends AsyncDisposable {
  readonly hello: {
    readonly wire: number
    readonly uuid: string
    readonly serial: number
    readonly epoch: number
  }
  /** The next so many changes. Fails when the stream ends before. */
  changes(count: number): Promise<Change[]>
  /** Resolves at a clean end of the stream. */
  ended(): Promise<void>
}

/** `path`: from the server's address on, such as `+changes/0-`. */
export async function openFeed(url: string, { tokens }: SharedSecret): Promise<OpenFeed> {
  const token = tokens.issue('a-replica')
  const leave = new AbortController()
  const answer = await fetch(url, {
    headers: { authorization: `Bearer ${token}` },
    signal: leave.signal,
  })
  if (answer.status !== 200 || !answer.body) throw new Error(await answer.text())
  const pieces = answer.body.getReader()
  const reader = new FrameReader(tokens.streamKey(token))
  const waiting: Frame[] = []

  async function next(): Promise<Frame | undefined> {
    for (;;) {
      const frame = waiting.shift()
      if (frame) return frame
      const { value } = await pieces.read()
      if (!value) return undefined
      waiting.push(...reader.push(value))
    }
  }

  const first = await next()
  return {
    hello: JSON.parse(first?.payload.toString() ?? '') as OpenFeed['hello'],
    async changes(count) {
      const changes: Change[] = []
      while (changes.length < count) {
        const frame = await next()
        if (!frame) throw new Error(`the stream ended after ${changes.length} changes`)
        if (frame.kind === 'C') changes.push(parseChange(frame.payload.toString()))
      }
      return changes
    },
    async ended() {
      while (await next());
    },
    async [Symbol.asyncDispose]() {
      leave.abort()
    },
  }
}
