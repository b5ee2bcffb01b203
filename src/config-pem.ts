/** Certificates and keys in PEM files, read once when the settings are. */
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { whyUnreadable } from '#base/why-not'
import { resolvePath, type SettingType } from './config-types.ts'

/** It shows its key in no log. */
export class PemFile {
  readonly path: string
  readonly #text: string

  constructor(path: string, text: string) {
    this.path = path
    this.#text = text
  }

  get text(): string {
    return this.#text
  }
}

/** Who we are: a certificate, with those that vouch for it, and its key, in one file. */
export const certificateWithKey = pemType('a file with a certificate and its key', (text) => {
  const [own] = certificatesIn(text)
  if (!own) throw new Error('holds no certificate')
  if (!/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(text)) throw new Error('holds no private key')
  if (!new X509Certificate(own).checkPrivateKey(createPrivateKey(text))) {
    throw new Error('holds the key of another certificate')
  }
})

/** Whom to trust. */
export const authorities = pemType('a file with certificates', (text) => {
  const all = certificatesIn(text)
  if (all.length === 0) throw new Error('holds no certificate')
  for (const one of all) new X509Certificate(one)
})

function pemType(expected: string, check: (text: string) => void): SettingType<PemFile> {
  return {
    placeholder: 'FILE',
    expected,
    parse(given, folder) {
      if (given === '') return undefined
      const path = resolvePath(given, folder)
      const text = read(path)
      try {
        check(text)
      } catch (cause) {
        throw new Error(`${path} cannot be used: it ${reasonOf(cause)}`, { cause })
      }
      return new PemFile(path, text)
    },
    print: ({ path }) => path,
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    throw new Error(`${path} cannot be read: ${whyUnreadable(cause)}`, { cause })
  }
}

const certificatesIn = (text: string): string[] =>
  text.match(/-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----/gs) ?? []

/** OpenSSL's own words say little to anybody. */
const reasonOf = (error: unknown): string => {
  const { message } = error as Error
  return message.startsWith('holds ') ? message : `is damaged (${message})`
}
