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

/** Who this server is, and whom it trusts, where it asks others of its group. */
export const groupTrust = ({ replicaCert, replicaCa }: Config) => ({
  cert: replicaCert?.text,
  key: replicaCert?.text,
  ca: replicaCa?.text,
})

/** Whoever opens it must close it. */
export const openPrimary = (config: Config, url: string, { tokens, uuid }: Member): Primary =>
  new Primary({
    url,
    ...{ tokens, uuid, outsideUrl: config.outsideUrl, userAgent: `wheelyard/${VERSION}` },
    connections: {
      ...groupTrust(config),
      connectTimeoutMs: config.upstreamConnectTimeout,
      firstByteTimeoutMs: config.upstreamFirstByteTimeout,
      stallTimeoutMs: SILENCE_MS,
    },
  })
