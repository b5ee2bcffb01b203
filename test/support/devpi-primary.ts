/** A real devpi-server that replicas may follow, what its users do with it, and a Wheelyard that follows it. */
import { writeFile } from 'node:fs/promises'
import { randomBytes } from 'node:crypto'
import { startApp, type App } from '#app'
import type { Clock } from '#base/clock'
import { makeConfig, type Config } from '#config'
import type { Ledger } from '#ledger/ledger'
import { devpiKeys } from '#migration/devpi/keys'
import type { LocalFiles } from '#migration/devpi-server'
import { devpiAuth, logIn, PASSWORD } from './devpi-api.ts'
import { makeTempFolder, type TempFolder } from './temp.ts'
import { startDevpiServer, type DevpiServer } from './upstream.ts'
import { fieldParts, filePart, makeForm, plainFields, type Fields } from './upload.ts'
import type { Distribution } from './wheel.ts'

/** What the test environment's devpi-servers make their keys with: nothing that takes long. */
export const QUICK_COST = { memory: 8, passes: 1, parallelism: 1 }

export interface Said {
  readonly status: number
  readonly text: string
  readonly headers: Headers
  /** `result` of its JSON. */
  readonly result: Record<string, never>
}

export interface AskOptions {
  readonly as?: string
  readonly json?: unknown
  readonly form?: { readonly type: string; readonly body: Uint8Array }
  readonly accept?: string
}

/** Somebody who talks to a server, in the name of any user whose password is `pw`. */
export class DevpiClient {
  readonly url: string
  readonly #tokens = new Map<string, string>()

  constructor(url: string) {
    this.url = url
  }

  async ask(method: string, path: string, options: AskOptions = {}): Promise<Said> {
    const { as, json, form, accept = 'application/json' } = options
    const headers: Record<string, string> = { accept }
    if (as !== undefined) {
      Object.assign(headers, devpiAuth({ user: as, secret: await this.#token(as) }))
    }
    if (form) headers['content-type'] = form.type
    else if (json !== undefined) headers['content-type'] = 'application/json'
    const body = form?.body ?? (json === undefined ? undefined : JSON.stringify(json))
    const answer = await fetch(new URL(path, this.url), {
      ...{ method, headers, redirect: 'manual' },
      ...(body !== undefined && { body: body as string }),
    })
    const text = await answer.text()
    return {
      ...{ status: answer.status, text, headers: answer.headers },
      get result() {
        return (JSON.parse(text) as { result: Record<string, never> }).result
      },
    }
  }

  /** The same; fails where the server says no. */
  async must(method: string, path: string, options?: AskOptions): Promise<Said> {
    const said = await this.ask(method, path, options)
    if (said.status >= 300) throw new Error(`${method} ${path}: ${said.status} ${said.text}`)
    return said
  }

  get(path: string, accept?: string): Promise<Said> {
    return this.ask('GET', path, accept === undefined ? {} : { accept })
  }

  async makeUser(user: string, more: Readonly<Record<string, unknown>> = {}): Promise<void> {
    await this.must('PUT', `/${user}`, { json: { password: PASSWORD, ...more } })
  }

  async makeIndex(name: string, options: Readonly<Record<string, unknown>> = {}): Promise<void> {
    const json = { type: 'stage', ...options }
    await this.must('PUT', `/${name}`, { as: userOf(name), json })
  }

  async upload(index: string, file: Distribution, fields: Fields = {}): Promise<void> {
    const parts = [...fieldParts(plainFields(fields)), filePart(file)]
    await this.must('POST', `/${index}/`, { as: userOf(index), form: makeForm(parts) })
  }

  async uploadDocs(index: string, zip: Uint8Array, fields: Fields): Promise<void> {
    const parts = [
      ...fieldParts({ ':action': 'doc_upload', ...fields }),
      { name: 'content', value: zip, filename: 'docs.zip' },
    ]
    await this.must('POST', `/${index}/`, { as: userOf(index), form: makeForm(parts) })
  }

  /** Who the server takes somebody for that has logged in elsewhere: `["ok", "ada", []]`. */
  async whoIs(user: string, elsewhere: DevpiClient): Promise<unknown> {
    const login = { user, secret: await elsewhere.#token(user) }
    const headers = { accept: 'application/json', ...devpiAuth(login) }
    const answer = await fetch(new URL('/+api', this.url), { headers })
    return ((await answer.json()) as { result: { authstatus: unknown } }).result.authstatus
  }

  async #token(user: string): Promise<string> {
    const known = this.#tokens.get(user)
    if (known !== undefined) return known
    const token = await logIn(this.url, user, user === 'root' ? '' : PASSWORD)
    this.#tokens.set(user, token)
    return token
  }
}

const userOf = (index: string): string => index.slice(0, index.indexOf('/'))

export interface DevpiPrimary extends AsyncDisposable {
  readonly server: DevpiServer
  readonly client: DevpiClient
  readonly secretFile: string
  /** Its last serial. */
  serial(): Promise<number>
  /** A folder for whoever follows. */
  readonly folder: TempFolder
}

export async function startDevpiPrimary(args: readonly string[] = []): Promise<DevpiPrimary> {
  await using stack = new AsyncDisposableStack()
  const folder = await makeTempFolder('devpi-primary')
  stack.defer(() => folder.remove())
  const secretFile = folder.join('secret')
  await writeFile(secretFile, randomBytes(32).toString('base64'), { mode: 0o600 })
  const server = stack.use(
    await startDevpiServer({
      web: false,
      args: ['--role', 'primary', '--secretfile', secretFile, ...args],
    }),
  )
  const client = new DevpiClient(server.url())
  const owned = stack.move()
  return {
    ...{ server, client, secretFile, folder },
    serial: async () => Number((await client.get('/+api')).headers.get('x-devpi-serial')),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

export interface FollowingYard extends AsyncDisposable {
  readonly app: App
  readonly client: DevpiClient
  /** The last serial of devpi that is here. */
  applied(): Promise<number>
  /** All that the primary has now is here, with its files unless they are not asked for. */
  caughtUp(options?: { readonly withoutFiles?: boolean }): Promise<void>
  stop(): Promise<void>
}

export interface FollowOptions {
  /** Of its data; else `yard` beside the primary's secret. */
  readonly dir?: string
  /** Where the primary is asked, if not where it is. */
  readonly url?: string
  readonly config?: Partial<Config>
  readonly clock?: Clock
  /** Where it looks before it asks. */
  readonly local?: LocalFiles
  /** It serves what has come, and follows no more. */
  readonly hasTakenOver?: boolean
}

/** Listens before anybody looks, so that nothing is missed. */
function nextChange(ledger: Ledger): { heard: Promise<void>; ignore(): void } {
  const { promise, resolve } = Promise.withResolvers<void>()
  const ignore = ledger.follow(() => {
    ignore()
    resolve()
  })
  return { heard: promise, ignore }
}

/** In this process. */
export async function startFollowing(
  primary: DevpiPrimary,
  options: FollowOptions = {},
): Promise<FollowingYard> {
  const { dir = primary.folder.join('yard'), url = primary.server.url(), hasTakenOver } = options
  const config = makeConfig(
    {
      ...{ dir, port: 0, noRootPypi: true, noMakeAhead: true, logLevel: 'silent' },
      ...{ secretFile: primary.secretFile, ...options.config },
    },
    primary.folder.path,
  )
  const { local } = options
  const devpi = hasTakenOver ? undefined : { url, cost: QUICK_COST, local }
  const app = await startApp(
    config,
    { env: {}, cwd: primary.folder.path },
    {
      devpi,
      ...(options.clock && { clock: options.clock }),
    },
  )
  const { ledger } = app.store

  const applied = async (): Promise<number> =>
    (await ledger.read((tx) => tx.get(devpiKeys.followed())))?.serial ?? -1
  let stopping: Promise<void> | undefined
  const stop = (): Promise<void> => (stopping ??= app.close())
  return {
    ...{ app, client: new DevpiClient(app.url), applied, stop },
    async caughtUp({ withoutFiles = false } = {}) {
      const serial = await primary.serial()
      const isHere = async (): Promise<boolean> => {
        if ((await applied()) < serial) return false
        const coming = await ledger.read((tx) => tx.listNames(devpiKeys.allComing()))
        return withoutFiles || coming.length === 0
      }
      for (;;) {
        const change = nextChange(ledger)
        if (await isHere()) return change.ignore()
        await change.heard
      }
    },
    [Symbol.asyncDispose]: stop,
  }
}
