/** Where templates and static files come from, and what a theme says without them: a theme goes before the box. */
import { join } from 'node:path'
import type { Log } from '#base/log'
import type { NamedTheme } from '#registry/hooks'
import { StaticFiles } from '../static-files.ts'
import { findTheme, themesInTheBox } from './find-theme.ts'
import type { ThemeLayer, ThemePlace } from './find-theme.ts'
import { ourFolder } from './folders.ts'
import type { ThemeLink } from './manifest.ts'
import { stampOf } from './stamp.ts'
import { Templates } from './templates.ts'

export interface ThemeOptions {
  /** Undefined: our own looks. */
  readonly place: ThemePlace | undefined
  /** Themes that have a name beside those in the box. */
  readonly offered: readonly NamedTheme[]
  /** Looks for changed files with each page, and tells what is wrong on the page. */
  readonly reloads: boolean
  readonly log: Log
}

/** What the theme's files say where no template is needed. */
export interface ThemeWords {
  /** Of the site. */
  readonly title: string
  /** Markdown. */
  readonly frontPage: string | undefined
  readonly headerLinks: readonly ThemeLink[]
  readonly footerLinks: readonly ThemeLink[]
  /** Names of the theme's static files. */
  readonly logo: string | undefined
  readonly icon: string | undefined
  readonly styles: readonly string[]
  readonly scripts: readonly string[]
}

/** A theme as it is at one time. */
export interface Theme {
  readonly templates: Templates
  readonly staticFiles: StaticFiles
  readonly themeStatic: StaticFiles
  readonly words: ThemeWords
  /** Changes with everything that a page is printed with. */
  readonly digest: string
  readonly reloads: boolean
  /** What is wrong with its files, as far as it is known. */
  readonly listProblems: () => readonly string[]
}

/** The theme as it is now. Throws `StartRefused` where there is none such. */
export function openTheme(options: ThemeOptions): () => Theme {
  const { reloads, log } = options
  let theme = readTheme(options)
  for (const problem of theme.listProblems()) log.warn({ problem }, 'the theme has a mistake')
  if (!reloads) return () => theme

  return () => {
    if (stampOf(theme.layers) === theme.digest) return theme
    try {
      theme = readTheme(options)
    } catch (error) {
      log.warn({ error }, 'the theme cannot be read; it stays as it was')
    }
    return theme
  }
}

interface ReadTheme extends Theme {
  readonly layers: readonly ThemeLayer[]
}

function readTheme({ place, offered, reloads, log }: ThemeOptions): ReadTheme {
  const layers = place === undefined ? [] : findTheme(place, [...themesInTheBox, ...offered])
  const stamp = reloads ? stampOf(layers) : undefined
  const statics = layers.map(({ folder, name }) => ({ folder: join(folder, 'static'), name }))
  const themeStatic = new StaticFiles(statics)
  const mistakes = [
    ...layers.flatMap(({ folder, mistakes: own }) => own.map((one) => `${folder}: ${one}`)),
    ...layers.flatMap((layer) => listMissing(layer, themeStatic)),
  ]
  const folders = [...layers.map(({ folder }) => join(folder, 'templates')), ourFolder('templates')]
  const templates = new Templates({ folders, log, tellsLines: reloads })
  return {
    layers,
    templates,
    staticFiles: new StaticFiles([{ folder: ourFolder('static') }]),
    themeStatic,
    words: wordsOf(layers, themeStatic),
    digest: stamp ?? themeStatic.digest,
    reloads,
    listProblems: () => [...mistakes, ...templates.problems],
  }
}

/** Files that a manifest names and that are not there. */
function listMissing({ folder, name, manifest }: ThemeLayer, files: StaticFiles): string[] {
  const { logo, icon, styles, scripts } = manifest
  return [logo, icon, ...styles, ...scripts]
    .filter((file) => file !== undefined)
    .filter((file) => !files.has(`${name}/${file}`))
    .map((file) => `${folder}: theme.toml names ${file}, which is not below static/`)
}

/** Lists add up from the theme that the others extend; of all else the nearest counts. */
function wordsOf(layers: readonly ThemeLayer[], files: StaticFiles): ThemeWords {
  const nearest = <T>(find: (layer: ThemeLayer) => T | undefined): T | undefined =>
    layers.map(find).find((value) => value !== undefined)
  const all = <T>(find: (layer: ThemeLayer) => readonly T[]): T[] =>
    layers.toReversed().flatMap(find)
  const fileOf = ({ name }: ThemeLayer, file: string | undefined): string | undefined =>
    file !== undefined && files.has(`${name}/${file}`) ? `${name}/${file}` : undefined
  const filesOf = (layer: ThemeLayer, names: readonly string[]): string[] =>
    names.flatMap((name) => fileOf(layer, name) ?? [])
  return {
    title: nearest(({ manifest }) => manifest.title) ?? 'Wheelyard',
    frontPage: nearest(({ manifest }) => manifest['front-page']),
    headerLinks: all(({ manifest }) => manifest['header-links']),
    footerLinks: all(({ manifest }) => manifest['footer-links']),
    logo: nearest((layer) => fileOf(layer, layer.manifest.logo)),
    icon: nearest((layer) => fileOf(layer, layer.manifest.icon)),
    styles: all((layer) => filesOf(layer, ['style.css', ...layer.manifest.styles])),
    scripts: all((layer) => filesOf(layer, layer.manifest.scripts)),
  }
}
