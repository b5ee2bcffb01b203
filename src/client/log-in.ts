/** A login instead of a password: to check a password takes a server long, and a login is sent with each request. */
import { UpstreamFailure } from '#base/failure'

/** The address with a token in place of the password. Throws `UpstreamFailure` with the server's own words. */
export async function withLogin(address: URL): Promise<URL> {
  if (address.username === '') return address
  const url = new URL(address)
  url.username = ''
  url.password = ''
  const login = new URL('+login', url.href.replace(/\/*$/, '/'))
  const [user, password] = [address.username, address.password].map(decodeURIComponent)
  const answer = await fetch(login, {
    method: 'POST',
    headers: { accept: 'application/json', 'content-type': 'application/json' },
    body: JSON.stringify({ user, password }),
  }).catch((cause: unknown) => {
    throw new UpstreamFailure(`cannot reach ${url.href}`, { cause })
  })
  const said = (await answer.json().catch(() => ({}))) as {
    readonly message?: string
    readonly result?: { readonly password?: string }
  }
  const token = said.result?.password
  if (!answer.ok || token === undefined) {
    const why = said.message ?? `${answer.status} ${answer.statusText}`
    throw new UpstreamFailure(`${url.href} says: ${why}`, { status: answer.status })
  }
  const signed = new URL(address)
  signed.password = encodeURIComponent(token)
  return signed
}
