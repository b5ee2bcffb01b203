/** What a new data folder begins with: the user root, and the mirror root/pypi. */
import type { Ledger } from '#ledger/ledger'
import type { WriteTransaction } from '#ledger/transaction'
import type { MirrorEntry } from './indexes.ts'
import { keys } from './keys.ts'
import { hashPassword, verifyPassword } from './passwords.ts'
import { newUser, setPassword } from './users.ts'

export const ROOT = 'root'
export const ROOT_PYPI = 'root/pypi'

export interface Beginning {
  /** Undefined: no mirror. */
  readonly rootPypi: { readonly url: string | undefined } | undefined
  readonly rootPassword: string
  /** Takes the place of the password. */
  readonly rootHash?: string | undefined
}

export async function isSetUp(ledger: Ledger): Promise<boolean> {
  return (await ledger.read((tx) => tx.get(keys.user(ROOT)))) !== undefined || ledger.serial >= 0
}

/** Makes the first change. Does nothing, and returns false, where another process was faster. */
export async function setUp(ledger: Ledger, beginning: Beginning): Promise<boolean> {
  const pwhash = beginning.rootHash ?? (await hashPassword(beginning.rootPassword))
  return ledger.write(ROOT, async (tx) => {
    if (tx.serial >= 0) return false
    tx.set(keys.user(ROOT), newUser({ pwhash }, tx.time))
    if (beginning.rootPypi) tx.set(keys.index(ROOT_PYPI), pypiMirror(beginning.rootPypi.url))
    return true
  })
}

function pypiMirror(url: string | undefined): MirrorEntry {
  return {
    type: 'mirror',
    volatile: false,
    title: 'PyPI',
    ...(url === undefined ? {} : { mirror_url: url, ...webAddress(url) }),
  }
}

/** PyPI has its pages for people beside its simple index. */
function webAddress(url: string): { mirror_web_url_fmt?: string } {
  const { origin, pathname } = new URL(url)
  return /^\/simple\/?$/.test(pathname) ? { mirror_web_url_fmt: `${origin}/project/{name}/` } : {}
}

/** Whether root/pypi is there and does not know its upstream yet. */
export async function lacksPypiAddress(ledger: Ledger): Promise<boolean> {
  return ledger.read(isAddressMissing)
}

/** Tells root/pypi its upstream, unless it has one by now. */
export async function setPypiAddress(ledger: Ledger, url: string): Promise<void> {
  await ledger.write(ROOT, async (tx: WriteTransaction) => {
    const mirror = await tx.get(keys.index(ROOT_PYPI))
    if (mirror?.type !== 'mirror' || !(await isAddressMissing(tx))) return
    tx.set(keys.index(ROOT_PYPI), { ...mirror, mirror_url: url, ...webAddress(url) })
  })
}

async function isAddressMissing(tx: Pick<WriteTransaction, 'get'>): Promise<boolean> {
  const mirror = await tx.get(keys.index(ROOT_PYPI))
  return mirror?.type === 'mirror' && mirror.mirror_url === undefined
}

/** Whether anybody can log in as root: with the empty password that a new data folder has. */
export async function isRootOpen(ledger: Ledger): Promise<boolean> {
  const root = await ledger.read((tx) => tx.get(keys.user(ROOT)))
  return root?.pwhash !== undefined && verifyPassword('', root.pwhash)
}

/** Gives root a password if it has none. */
export async function closeRoot(ledger: Ledger, password: string): Promise<void> {
  if (await isRootOpen(ledger)) await setPassword(ledger, ROOT, password)
}
