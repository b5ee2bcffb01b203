/** Core metadata as pages show it. */
import { normalizeName, type ProjectName } from '#python/name'
import type { IndexName } from '#registry/indexes'
import type { Addresses } from '../addresses.ts'

export interface MetadataView {
  readonly summary: string
  /** Addresses that the author gives: the home page, then `project_urls`. Only such as can be followed safely. */
  readonly projectLinks: readonly { readonly title: string; readonly address: string }[]
  readonly requiresPython: string | undefined
  readonly licence: string
  readonly people: readonly Person[]
  readonly keywords: readonly string[]
  /** By their first part. */
  readonly classifiers: readonly { readonly title: string; readonly values: readonly string[] }[]
  readonly dependencies: readonly Dependency[]
  readonly extras: readonly string[]
  /** Every field that says something, in the order of their names. */
  readonly fields: readonly MetadataField[]
}

export interface Person {
  readonly role: 'Author' | 'Maintainer'
  readonly name: string
  readonly email: string
}

export interface Dependency {
  /** As it is written: `requests>=2; extra == "http"`. */
  readonly text: string
  readonly project: ProjectName | undefined
  /** What stands behind the name. */
  readonly rest: string
  /** Its page on this index. */
  readonly address: string | undefined
}

export interface MetadataField {
  readonly name: string
  readonly isList: boolean
  readonly values: readonly string[]
}

export interface MetadataPlace {
  readonly requiresPython: string | undefined
  readonly index: IndexName
  readonly addresses: Addresses
}

type Fields = Readonly<Record<string, unknown>>

export function metadataView(metadata: Fields | undefined, place: MetadataPlace): MetadataView {
  const fields = metadata ?? {}
  const text = (name: string): string => textIn(fields, name)
  const list = (name: string): readonly string[] => listIn(fields, name)
  return {
    summary: text('summary'),
    projectLinks: projectLinks(text('home_page'), list('project_urls'), text('download_url')),
    requiresPython: text('requires_python') || place.requiresPython,
    licence: text('license_expression') || firstLine(text('license')),
    people: [
      ...person('Author', text('author'), text('author_email')),
      ...person('Maintainer', text('maintainer'), text('maintainer_email')),
    ],
    keywords: text('keywords')
      .split(/[,;]|\s{2,}/)
      .map((word) => word.trim())
      .filter((word) => word !== ''),
    classifiers: groupClassifiers(list('classifiers')),
    dependencies: list('requires_dist').map((one) => dependency(one, place)),
    extras: list('provides_extras'),
    fields: shownFields(fields),
  }
}

const textIn = (fields: Fields, name: string): string => {
  const value = fields[name]
  return typeof value === 'string' ? value.trim() : ''
}

const listIn = (fields: Fields, name: string): readonly string[] => {
  const value = fields[name]
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : []
}

/** A licence may be whole: its first line names it. */
const firstLine = (text: string): string => text.split('\n', 1)[0]?.slice(0, 200) ?? ''

function projectLinks(home: string, urls: readonly string[], download: string) {
  const named = urls.map((text) => {
    const comma = text.indexOf(',')
    return { title: text.slice(0, comma).trim(), address: text.slice(comma + 1).trim() }
  })
  const all = [
    ...(home === '' ? [] : [{ title: 'Homepage', address: home }]),
    ...named,
    ...(download === '' ? [] : [{ title: 'Download', address: download }]),
  ]
  const seen = new Set<string>()
  return all.filter(({ title, address }) => {
    const isNew = !seen.has(address)
    seen.add(address)
    return isNew && title !== '' && isSafeLink(address)
  })
}

/** No scripts, and nothing that could be read otherwise. */
export const isSafeLink = (address: string): boolean =>
  /^(?:https?:\/\/|mailto:)[^\s"'<>\\]+$/i.test(address) && URL.canParse(address)

function person(role: Person['role'], name: string, email: string): Person[] {
  if (name === '' && email === '') return []
  // `"A. Author" <a@example.com>, B <b@example.com>`: names may stand with the addresses.
  const match = /^"?([^"<]*)"?\s*<([^<>\s]+@[^<>\s]+)>$/.exec(email)
  if (match) return [{ role, name: name || (match[1] ?? '').trim(), email: match[2] ?? '' }]
  const isAddress = /^[^\s<>"',;:]+@[^\s<>"',;:]+$/.test(email)
  return [{ role, name: name || email, email: isAddress ? email : '' }]
}

function groupClassifiers(classifiers: readonly string[]) {
  const groups = Map.groupBy(classifiers, (one) => one.split(' :: ', 1)[0] ?? one)
  return [...groups].map(([title, values]) => ({
    title,
    values: values.map((value) => value.slice(title.length + ' :: '.length) || value),
  }))
}

function dependency(text: string, { index, addresses }: MetadataPlace): Dependency {
  const name = /^[A-Za-z0-9][A-Za-z0-9._-]*/.exec(text.trim())?.[0]
  if (name === undefined) return { text, project: undefined, rest: text, address: undefined }
  const project = normalizeName(name)
  const behind = text.trim().slice(name.length).trim()
  const rest = /^[[;]/.test(behind) ? behind : ` ${behind}`
  return { text, project, rest, address: addresses.project(index, project) }
}

/** Shown elsewhere, or nothing to a reader. */
const hidden = new Set(['description', 'name', 'version', 'yanked'])

function shownFields(fields: Fields): MetadataField[] {
  return Object.entries(fields)
    .filter(([name]) => !hidden.has(name) && !name.startsWith('+'))
    .map(([name, value]) => ({
      name,
      isList: Array.isArray(value),
      values: (Array.isArray(value) ? value : [value]).filter(isSaid).map(String),
    }))
    .filter(({ values }) => values.length > 0)
    .sort((a, b) => (a.name < b.name ? -1 : 1))
}

const isSaid = (value: unknown): boolean =>
  typeof value === 'string' ? value.trim() !== '' : typeof value === 'number'
