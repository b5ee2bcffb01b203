/** Wheelyard and devpi-server, each started as tests do, on the server's core. */
import { resolve } from 'node:path'
import type { StageSetup } from '../../test/support/devpi-api.ts'
import { devpiAuth, logIn, makeUser, PASSWORD } from '../../test/support/devpi-api.ts'
import type { Environment } from '../../test/support/process.ts'
import { startDevpiServer, type IndexServer } from '../../test/support/upstream.ts'
import { startYard, type Yard } from '../../test/support/yard.ts'
import { pinServer } from './cores.ts'
import { listFamily } from './memory.ts'
import { program } from './program.ts'

export interface Contender extends AsyncDisposable {
  readonly pid: number
  url(path?: string): string
}

const PROFILE = 'WHEELYARD_BENCH_PROFILE'

/** With WHEELYARD_BENCH_PROFILE=FOLDER it leaves a CPU profile of its whole life there. */
export async function startWheelyard(
  stages: readonly (string | StageSetup)[] = [],
  env: Environment = {},
  args: readonly string[] = [],
): Promise<Yard> {
  const yard = await startYard({ stages, args, program, env: { ...env, ...profiling() } })
  // Of several workers each.
  for (const pid of await listFamily(yard.pid)) pinServer(pid)
  return yard
}

/** The environment of a server that leaves a profile, if one is wanted. */
export function profiling(): Environment {
  const folder = process.env[PROFILE]
  return folder ? { NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${resolve(folder)}` } : {}
}

/** Without the full-text index of devpi-web, which would go on for a while after each upload. */
export async function startDevpi(
  stages: readonly (string | StageSetup)[] = [],
): Promise<IndexServer> {
  const server = await startDevpiServer({ stages, args: ['--indexer-backend', 'null'] })
  pinServer(server.pid)
  return server
}

/** Makes `USER/NAME` a mirror of an upstream, the user with it if it is not there. */
export async function makeMirror(
  server: Contender,
  name: string,
  upstreamUrl: string,
): Promise<void> {
  const [user = ''] = name.split('/')
  const token = await logIn(server.url(), user, PASSWORD).catch(() => makeUser(server.url(), user))
  const response = await fetch(server.url(name), {
    method: 'PUT',
    headers: {
      'content-type': 'application/json',
      ...devpiAuth({ user, secret: token }),
    },
    body: JSON.stringify({ type: 'mirror', mirror_url: upstreamUrl, volatile: false }),
  })
  if (!response.ok) throw new Error(`PUT ${name}: ${response.status} ${await response.text()}`)
}

/** What twine sends with each file. */
export async function basicAuth(
  server: Pick<Contender, 'url'>,
  user: string,
  kind: 'token' | 'password',
): Promise<string> {
  const secret = kind === 'token' ? await logIn(server.url(), user, PASSWORD) : PASSWORD
  return `Basic ${Buffer.from(`${user}:${secret}`).toString('base64')}`
}
