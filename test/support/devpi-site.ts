/**
 * The server that the devpi client's tests talk to: Wheelyard, or with `WHEELYARD_TEST_SERVER=devpi` the real
 * devpi-server, which shows that a test asks for nothing that devpi's users do not have.
 */
import type { StageSetup } from './devpi-api.ts'
import { findFreePort } from './ports.ts'
import { startDevpiServer, type IndexServer } from './upstream.ts'
import { startYard, type Yard } from './yard.ts'

export interface SiteOptions {
  /** Indexes to make, with their users, whose password is `pw`. */
  readonly stages?: readonly (string | StageSetup)[]
  /** Further arguments, which have the same names on both servers. */
  readonly args?: readonly string[]
  /** Clients reach it below this path, as behind a proxy. */
  readonly below?: string
}

export type Site = Yard | IndexServer

export const isRealDevpi = process.env['WHEELYARD_TEST_SERVER'] === 'devpi'

/** Without the index `root/pypi`; user `root` has an empty password. */
export async function startSite({
  stages = [],
  args = [],
  below,
}: SiteOptions = {}): Promise<Site> {
  const argsAt = (port: number): readonly string[] =>
    below === undefined ? args : [...args, '--outside-url', `http://127.0.0.1:${port}${below}`]
  if (isRealDevpi) return startDevpiServer({ stages, args: argsAt })

  const port = below === undefined ? 0 : await findFreePort()
  return startYard({ stages, args: ['--port', `${port}`, ...argsAt(port)] })
}
