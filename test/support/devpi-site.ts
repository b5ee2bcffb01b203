/**
 * The server that the devpi client's tests talk to: Wheelyard, or with `WHEELYARD_TEST_SERVER=devpi` the real
 * devpi-server, which shows that a test asks for nothing that devpi's users do not have.
 */
import type { StageSetup } from './devpi-api.ts'
import { startDevpiServer, type IndexServer } from './upstream.ts'
import { startYard, type Yard } from './yard.ts'

export interface SiteOptions {
  /** Indexes to make, with their users, whose password is `pw`. */
  readonly stages?: readonly (string | StageSetup)[]
}

export const isRealDevpi = process.env['WHEELYARD_TEST_SERVER'] === 'devpi'

/** Without the index `root/pypi`; user `root` has an empty password. */
export function startSite(options: SiteOptions = {}): Promise<Yard | IndexServer> {
  return isRealDevpi ? startDevpiServer(options) : startYard(options)
}
