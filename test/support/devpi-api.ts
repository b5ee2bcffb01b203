/** Sets up users and indexes through devpi's JSON API, on Wheelyard and on devpi-server alike. */

export interface StageSetup {
  /** `user/index`. */
  readonly name: string
  readonly [option: string]: unknown
}

/** Every user that the tests make has this password. */
export const PASSWORD = 'pw'

/**
 * Makes the indexes, with the users they belong to. Unless an option says otherwise they are not volatile and
 * have no bases.
 */
export async function makeStages(
  serverUrl: string,
  stages: readonly (string | StageSetup)[],
): Promise<void> {
  const tokens = new Map<string, string>()
  for (const stage of stages) {
    const { name, ...options } = typeof stage === 'string' ? { name: stage } : stage
    const user = name.split('/')[0] ?? ''
    const token = tokens.get(user) ?? (await makeUser(serverUrl, user))
    tokens.set(user, token)

    const config = { type: 'stage', volatile: false, bases: [], ...options }
    await send('PUT', new URL(`/${name}`, serverUrl), config, { user, secret: token })
  }
}

/** Makes a user (not `root`, who exists) and returns a login token. */
export async function makeUser(serverUrl: string, user: string): Promise<string> {
  const password = user === 'root' ? '' : PASSWORD
  if (user !== 'root') await send('PUT', new URL(`/${user}`, serverUrl), { password })
  return logIn(serverUrl, user, password)
}

/** A login token. */
export async function logIn(serverUrl: string, user: string, password: string): Promise<string> {
  const answer = await send('POST', new URL('/+login', serverUrl), { user, password })
  const { result } = answer as { result: { password: string } }
  return result.password
}

interface Credentials {
  readonly user: string
  readonly secret: string
}

/** The header that the devpi client sends. */
export function devpiAuth({ user, secret }: Credentials): Record<string, string> {
  return { 'x-devpi-auth': Buffer.from(`${user}:${secret}`).toString('base64') }
}

async function send(
  method: string,
  url: URL,
  body: unknown,
  credentials?: Credentials,
): Promise<unknown> {
  const response = await fetch(url, {
    method,
    headers: {
      accept: 'application/json',
      'content-type': 'application/json',
      ...(credentials && devpiAuth(credentials)),
    },
    body: JSON.stringify(body),
  })
  const text = await response.text()
  if (!response.ok) throw new Error(`${method} ${url.pathname}: ${response.status} ${text}`)
  return JSON.parse(text)
}
