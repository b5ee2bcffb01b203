/** The user's `.netrc`: which login belongs to which host. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** The address with the login that `$NETRC`, or `.netrc` in the home folder, has for its host, unless it has its own. */
export async function withNetrc(
  address: URL,
  env: Readonly<Record<string, string | undefined>>,
): Promise<URL> {
  const home = env['HOME'] ?? env['USERPROFILE']
  const path = env['NETRC'] ?? (home === undefined ? undefined : join(home, '.netrc'))
  if (address.username !== '' || path === undefined) return address
  const text = await readFile(path, 'utf8').catch(() => '')
  const login = findLogin(text, address.hostname)
  if (!login) return address
  const known = new URL(address)
  known.username = encodeURIComponent(login.user)
  known.password = encodeURIComponent(login.password)
  return known
}

interface Login {
  readonly user: string
  readonly password: string
}

export function findLogin(text: string, host: string): Login | undefined {
  const words = text.replaceAll(/^\s*#.*$/gm, '').split(/\s+/)
  let isMeant = false
  let [user, password] = ['', '']
  for (let at = 0; at < words.length; at++) {
    const word = words[at]
    if (word === 'machine' || word === 'default') {
      if (isMeant && user !== '') break
      isMeant = word === 'default' || words[++at] === host
    } else if (word === 'login' || word === 'password' || word === 'account') {
      const value = words[++at] ?? ''
      if (isMeant && word === 'login') user = value
      else if (isMeant && word === 'password') password = value
    }
  }
  return user === '' ? undefined : { user, password }
}
