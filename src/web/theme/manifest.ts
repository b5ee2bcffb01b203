/** `theme.toml`: what a theme says of itself, and what it changes without a template. */
import { parse, TomlError } from 'smol-toml'
import { findNearest } from '#base/nearest'

export interface ThemeManifest {
  /** As it is named in `--theme`, where it is in the box or comes with a plugin. */
  readonly name: string | undefined
  readonly description: string | undefined
  readonly author: string | undefined
  /** The theme that this one begins with: its name, or its folder as seen from this one. */
  readonly extends: string | undefined
  /** In the place of “Wheelyard”. */
  readonly title: string | undefined
  /** Files below `static/`. */
  readonly logo: string | undefined
  readonly icon: string | undefined
  readonly styles: readonly string[]
  readonly scripts: readonly string[]
  /** Markdown. */
  readonly 'front-page': string | undefined
  readonly 'header-links': readonly ThemeLink[]
  readonly 'footer-links': readonly ThemeLink[]
}

export interface ThemeLink {
  readonly title: string
  /** Of a page: `https://…`, `mailto:…`, or `/…` below the server's own address. */
  readonly address: string
}

export interface ReadManifest {
  readonly manifest: ThemeManifest
  /** Each with the line where it stands. */
  readonly mistakes: readonly string[]
}

/** What is wrong with a value, to stand behind its key. */
class Wrong extends Error {}

type Reader = (value: unknown) => unknown

const readers: Readonly<Record<keyof ThemeManifest, Reader>> = {
  name: themeName,
  description: text,
  author: text,
  extends: text,
  title: text,
  logo: fileName,
  icon: fileName,
  styles: listOf(fileName),
  scripts: listOf(fileName),
  'front-page': text,
  'header-links': listOf(link),
  'footer-links': listOf(link),
}

const isList = (key: string): boolean => /s$/.test(key) && key !== 'extends'

/** Whatever is wrong counts as not said. */
export function readManifest(source: string): ReadManifest {
  const mistakes: string[] = []
  const table = parseToml(source, mistakes)
  const tell = (key: string, problem: string): void => {
    mistakes.push(`line ${lineOf(source, key)}: ${key} ${problem}`)
  }
  for (const key of Object.keys(table)) {
    if (!Object.hasOwn(readers, key)) tell(key, nothingKnown(key))
  }
  const entries = Object.entries(readers).map(([key, read]) => {
    const nothing = isList(key) ? [] : undefined
    if (!Object.hasOwn(table, key)) return [key, nothing]
    try {
      return [key, read(table[key])]
    } catch (error) {
      if (!(error instanceof Wrong)) throw error
      tell(key, error.message)
      return [key, nothing]
    }
  })
  return { manifest: Object.fromEntries(entries) as ThemeManifest, mistakes }
}

function parseToml(source: string, mistakes: string[]): Readonly<Record<string, unknown>> {
  try {
    return parse(source)
  } catch (error) {
    if (!(error instanceof TomlError)) throw error
    const [problem = ''] = error.message.replace('Invalid TOML document: ', '').split('\n')
    mistakes.push(`line ${error.line}, column ${error.column}: ${problem}`)
    return {}
  }
}

function nothingKnown(key: string): string {
  const nearest = findNearest(key, Object.keys(readers))
  if (nearest !== undefined) return `is no key; did you mean ${nearest}?`
  return `is no key; those are ${Object.keys(readers).join(', ')}`
}

/** The first line on which the key, or a table of it, is set. */
function lineOf(source: string, key: string): number {
  const name = key.replaceAll(/[^\w-]/g, String.raw`\$&`)
  const pattern = new RegExp(`^\\s*(\\[+\\s*)?["']?${name}["']?\\s*[=.\\]]`)
  return source.split('\n').findIndex((line) => pattern.test(line)) + 1
}

function text(value: unknown): string {
  if (typeof value !== 'string' || value.trim() === '') throw new Wrong('must be a text')
  return value
}

function themeName(value: unknown): string {
  if (isThemeName(text(value))) return text(value)
  throw new Wrong('must be small letters, digits and dashes, such as acme')
}

export const isThemeName = (name: string): boolean => /^[a-z0-9]+(-[a-z0-9]+)*$/.test(name)

function fileName(value: unknown): string {
  const name = text(value)
  const isInside = !name.startsWith('/') && !name.split(/[/\\]/).includes('..')
  if (isInside && !/^[a-z]+:/i.test(name)) return name
  throw new Wrong(`must be a file below static/, not ${name}`)
}

function link(value: unknown): ThemeLink {
  const expected = 'must have a title and an address each, and nothing else'
  if (typeof value !== 'object' || value === null) throw new Wrong(expected)
  const { title, address, ...others } = value as Record<string, unknown>
  if (typeof title !== 'string' || typeof address !== 'string' || Object.keys(others).length > 0) {
    throw new Wrong(expected)
  }
  if (/^(https?:\/\/|mailto:|\/(?!\/))/i.test(address)) return { title, address }
  throw new Wrong(`leads to ${address}; an address begins with https://, http://, mailto: or /`)
}

function listOf<T>(read: (value: unknown) => T): (value: unknown) => T[] {
  return (value) => {
    if (!Array.isArray(value)) throw new Wrong('must be a list')
    return value.map(read)
  }
}
