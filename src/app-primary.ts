/** Another server of the group, as this one asks it. */
import type { Config } from '#config'
import { Primary } from '#replication/primary'
import type { ReplicaTokens } from '#replication/replica-tokens'
import { VERSION } from '#version'

/** A primary that is attached says something every ten seconds. */
const SILENCE_MS = 35_000

export interface Member {
  readonly tokens: ReplicaTokens
  /** Of this server. */
  readonly uuid: string
}

/** Whoever opens it must close it. */
export const openPrimary = (config: Config, url: string, { tokens, uuid }: Member): Primary =>
  new Primary({
    url,
    ...{ tokens, uuid, outsideUrl: config.outsideUrl, userAgent: `wheelyard/${VERSION}` },
    connections: {
      connectTimeoutMs: config.upstreamConnectTimeout,
      firstByteTimeoutMs: config.upstreamFirstByteTimeout,
      stallTimeoutMs: SILENCE_MS,
    },
  })
