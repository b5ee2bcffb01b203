/**
 * The whole server in this process, on its own data folder. Requests go in and answers come out without a socket,
 * unless WHEELYARD_TEST_TRANSPORT says `socket`, `nginx`, `nginx-caching` or `nginx-sending`; with `replica` they go to a replica of it, with `workers`
 * to two workers in turn.
 */
import { startApp, type App } from '#app'
import type { Clock } from '#base/clock'
import type { Crew } from '#base/crew'
import { makeConfig, type Config } from '#config'
import type { Ledger } from '#ledger/ledger'
import type { Hooks } from '#registry/hooks'
import { devpiAuth, PASSWORD } from './devpi-api.ts'
import { prepareReplica } from './api-replica.ts'
import { prepareWorkers } from './api-workers.ts'
import { makeTempFolder, type TempFolder } from './temp.ts'
import { chosenTransport, openTransport, type TransportName } from './transport.ts'

export type Method = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'OPTIONS' | 'PUSH'

export interface AskOptions {
  /** Signs the request: a user that `makeUser` or `makeIndex` made, or `root`. */
  readonly as?: string
  /** Sent as `X-Devpi-Auth`, as the devpi client does. */
  readonly login?: { readonly user: string; readonly secret: string }
  readonly accept?: string
  readonly headers?: Readonly<Record<string, string>>
  /** Sent as JSON. */
  readonly json?: unknown
  /** Sent as it is. */
  readonly body?: string | Uint8Array
}

/** Whatever the server says: tests look into it without asking what it is. */
// oxlint-disable-next-line typescript/no-explicit-any -- see above
export type Json = any

export interface Reply {
  readonly status: number
  /** The reason phrase. */
  readonly reason: string
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly text: string
  readonly bytes: Buffer
  /** The body as JSON; fails with the body where it is none. */
  readonly json: Json
  /** `result` of the JSON body. */
  readonly result: Json
  /** `message` of the JSON body. */
  readonly message: string | undefined
  /** The path and query in `Location`, which must be a whole address. */
  readonly location: string | undefined
}

export interface Api extends AsyncDisposable {
  /** Changes with `restart`. */
  readonly app: App
  readonly folder: TempFolder
  readonly ledger: Ledger
  /** Of the last commit. */
  readonly serial: number
  /** Asks for JSON unless `accept` says something else (`''`: no `Accept` at all). */
  ask(method: Method, path: string, options?: AskOptions): Promise<Reply>
  get(path: string, options?: AskOptions): Promise<Reply>
  post(path: string, options?: AskOptions): Promise<Reply>
  put(path: string, options?: AskOptions): Promise<Reply>
  patch(path: string, options?: AskOptions): Promise<Reply>
  del(path: string, options?: AskOptions): Promise<Reply>
  /** devpi's own method. */
  push(path: string, options?: AskOptions): Promise<Reply>
  /** Makes a user and returns a login token. */
  makeUser(user: string, password?: string): Promise<string>
  /** Makes an index, with its user if need be. Unless an option says otherwise it is a stage that is not volatile. */
  makeIndex(name: string, options?: Readonly<Record<string, unknown>>): Promise<void>
  /** Stops the server and starts it again on the same folder, with other settings where they are given. */
  restart(changes?: Partial<Config>): Promise<void>
}

export interface ApiOptions {
  readonly config?: Partial<Config>
  readonly hooks?: Partial<Hooks>
  /** The server's; else the machine's. */
  readonly clock?: Clock
  /** Indexes to make, with their users, whose password is `pw`. */
  readonly indexes?: readonly string[]
  /** Tokens by user, to be shared with another server; what this one's users get is added. */
  readonly logins?: Map<string, string>
  /** The way to the server, whatever the environment says. */
  readonly transport?: TransportName
}

export async function startApi(options: ApiOptions = {}): Promise<Api> {
  const { config = {}, hooks, clock, indexes = [] } = options
  const folder = await makeTempFolder('api')
  const way = options.transport ?? chosenTransport()
  const transport = await openTransport(way, folder.path)
  const { port } = transport
  const changes = {
    dir: folder.path,
    port,
    noRootPypi: true,
    noMakeAhead: true,
    logLevel: 'silent',
    ...(way === 'nginx-sending' && { sendFile: 'x-accel-redirect' }),
    ...config,
  }
  const startWith = (more: Partial<Config>, crew?: Crew): Promise<App> => {
    const made = makeConfig({ ...changes, ...more } as Partial<Config>, folder.path)
    return startApp(
      made,
      { env: {}, cwd: folder.path },
      { ...(hooks && { hooks }), ...(clock && { clock }), ...(crew && { crew }) },
    )
  }
  const prepare = { replica: prepareReplica, workers: prepareWorkers }
  const isBeside = way === 'replica' || way === 'workers'
  const beside = isBeside ? await prepare[way](startWith) : undefined
  const start = (more: Partial<Config> = {}): Promise<App> =>
    beside ? beside.start(more) : startWith(more)
  const { logins = new Map<string, string>() } = options
  logins.set('root', '')
  let app = await start()

  async function ask(method: Method, path: string, options: AskOptions = {}): Promise<Reply> {
    const { as, login = as === undefined ? undefined : loginOf(as) } = options
    const { accept = 'application/json' } = options
    const headers = {
      ...(accept === '' ? {} : { accept }),
      ...(login && devpiAuth(login)),
      ...options.headers,
    }
    const body = 'json' in options ? JSON.stringify(options.json) : options.body
    const to = (await beside?.caughtUp(app)) ?? app
    const { bytes, ...heard } = await transport.send(to, { method, path, headers, body })
    if (to !== app) await app.store.ledger.catchUp() // tests look into that one
    const text = bytes.toString()
    return {
      ...heard,
      bytes,
      text,
      get json() {
        return parse(text)
      },
      get result() {
        return parse(text).result
      },
      get message() {
        return parse(text).message as string | undefined
      },
      get location() {
        const { location } = heard.headers
        if (location === undefined) return undefined
        const { pathname, search } = new URL(location)
        return pathname + search
      },
    }
  }

  function loginOf(user: string): { user: string; secret: string } {
    const secret = logins.get(user)
    if (secret === undefined) throw new Error(`no user ${user} was made`)
    return { user, secret }
  }

  async function makeUser(user: string, password = PASSWORD): Promise<string> {
    await succeed(ask('PUT', `/${encodeURIComponent(user)}`, { json: { password } }))
    const reply = await succeed(ask('POST', '/+login', { json: { user, password } }))
    logins.set(user, reply.result.password)
    return reply.result.password
  }

  async function makeIndex(name: string, options: Readonly<Record<string, unknown>> = {}) {
    const user = name.slice(0, name.indexOf('/'))
    if (!logins.has(user)) await makeUser(user)
    await succeed(ask('PUT', `/${name}`, { as: user, json: { volatile: false, ...options } }))
  }

  async function close(): Promise<void> {
    await transport[Symbol.asyncDispose]()
    await beside?.close()
    await app.close()
    await folder.remove()
  }

  const api: Api = {
    get app() {
      return app
    },
    folder,
    get ledger() {
      return app.store.ledger
    },
    get serial() {
      return app.store.ledger.serial
    },
    ask,
    get: (path, options) => ask('GET', path, options),
    post: (path, options) => ask('POST', path, options),
    put: (path, options) => ask('PUT', path, options),
    patch: (path, options) => ask('PATCH', path, options),
    del: (path, options) => ask('DELETE', path, options),
    push: (path, options) => ask('PUSH', path, options),
    makeUser,
    makeIndex,
    async restart(more) {
      await beside?.stop()
      await app.close()
      app = await start(more)
    },
    [Symbol.asyncDispose]: close,
  }

  try {
    for (const name of indexes) await makeIndex(name)
  } catch (error) {
    await close()
    throw error
  }
  return api
}

function parse(text: string) {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new Error(`no JSON: ${text.slice(0, 500)}`, { cause })
  }
}

async function succeed(reply: Promise<Reply>): Promise<Reply> {
  const { status, text } = await reply
  if (status >= 300) throw new Error(`${status} ${text}`)
  return reply
}
