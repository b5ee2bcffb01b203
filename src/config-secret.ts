/** A secret that comes from a file, read once: the file may be a pipe. It shows itself in no log. */
import { readFileSync } from 'node:fs'
import { whyUnreadable } from '#base/why-not'
import { resolvePath, type SettingType } from './config-types.ts'

export class SecretFile {
  readonly path: string
  readonly #secret: string

  /** Throws where the file has not exactly one line. */
  constructor(path: string) {
    this.path = path
    this.#secret = readSecret(path)
  }

  /** The text of the file without the line end behind it. */
  get secret(): string {
    return this.#secret
  }
}

export const secretFile: SettingType<SecretFile> = {
  placeholder: 'FILE',
  expected: 'a file name',
  parse: (text, folder) => (text === '' ? undefined : new SecretFile(resolvePath(text, folder))),
  print: ({ path }) => path,
}

/** A secret as it is. It shows itself nowhere. */
export const secretText: SettingType<string> = {
  placeholder: 'TEXT',
  expected: 'a text of one line',
  parse(text) {
    if (/[\r\n\0]/.test(text)) throw new Error('has more than one line') // without the text
    return text
  },
  print: () => '***',
}

function readSecret(path: string): string {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    throw new Error(`${path} cannot be read: ${whyUnreadable(error)}`, { cause: error })
  }
  const secret = text.replace(/\r?\n$/, '')
  if (secret === '') throw new Error(`${path} is empty`)
  if (/[\r\n\0]/.test(secret)) throw new Error(`${path} has more than one line`)
  return secret
}
