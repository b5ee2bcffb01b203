/** What devpi-servers that share a secret sign with it (devpi-replication, section 2): replica tokens and logins. */
import { argon2, createHash, createHmac, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'

const derive = promisify(argon2)

/** What it costs to stretch the secret. Both servers must do the same, or their keys differ. */
export interface StretchCost {
  /** KiB. */
  readonly memory: number
  readonly passes: number
  readonly parallelism: number
}

/** devpi's own: half a gigabyte for some seconds. */
export const devpiCost: StretchCost = { memory: 524_288, passes: 16, parallelism: 8 }

export type KeyPurpose = 'devpi-server-replica' | 'devpi-server-auth'

/** 16 bytes. `secret`: the bytes of the file as they are, with a line end if it has one. */
export function deriveKey(
  secret: Uint8Array,
  purpose: KeyPurpose,
  cost: StretchCost = devpiCost,
): Promise<Buffer> {
  const parameters = { message: secret, nonce: Buffer.from(purpose), tagLength: 16, ...cost }
  return derive('argon2id', parameters)
}

/** `payload`: JSON as Python writes it. `at`: seconds since 1970. */
export function signText(key: Uint8Array, payload: string, at: number): string {
  const message = `${payload}.${printTime(at)}`
  return `${message}.${sign(key, message).toString('base64url')}`
}

/** What was signed, and when (in seconds); undefined for what this key has not signed. */
export function readSigned(
  key: Uint8Array,
  token: string,
): { readonly payload: string; readonly at: number } | undefined {
  const [, message = '', signature = ''] = /^(.*)\.([^.]*)$/s.exec(token) ?? []
  const given = Buffer.from(signature, 'base64url')
  const expected = sign(key, message)
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined
  const [, payload, time = ''] = /^(.*)\.([^.]*)$/s.exec(message) ?? []
  const bytes = Buffer.from(time, 'base64url')
  if (payload === undefined || bytes.length === 0 || bytes.length > 6) return undefined
  return { payload, at: bytes.readUIntBE(0, bytes.length) }
}

/** As itsdangerous derives it: "django-concat", with its own default salt. */
function sign(key: Uint8Array, message: string): Buffer {
  const own = createHash('sha1').update('itsdangerous').update('signer').update(key).digest()
  return createHmac('sha1', own).update(message).digest()
}

/** The shortest big-endian bytes. */
function printTime(at: number): string {
  const hex = at.toString(16)
  return Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex').toString('base64url')
}
