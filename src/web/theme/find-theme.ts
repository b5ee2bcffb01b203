/** A theme by its name or folder, with those that it extends. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { StartRefused } from '#base/start-refused'
import type { NamedTheme } from '#registry/hooks'
import { listNames, ourFolder } from './folders.ts'
import { isThemeName, readManifest, type ThemeManifest } from './manifest.ts'

/** As `--theme` says it. */
export interface ThemePlace {
  /** As it was written. */
  readonly text: string
  /** Where that leads as a path. */
  readonly folder: string
}

/** One folder of a theme: `theme.toml`, `templates/`, `static/`, each as it likes. */
export interface ThemeLayer {
  /** Its own among those of the theme. */
  readonly name: string
  readonly folder: string
  readonly manifest: ThemeManifest
  /** With the file and the line. */
  readonly mistakes: readonly string[]
}

const boxFolder = ourFolder('themes')

export const themesInTheBox: readonly NamedTheme[] = readdirSync(boxFolder)
  .sort()
  .map((name) => ({ name, folder: join(boxFolder, name) }))

/** The theme first, then the one it extends, and so on. Throws `StartRefused` where one is missing. */
export function findTheme(wanted: ThemePlace, named: readonly NamedTheme[]): ThemeLayer[] {
  const layers: ThemeLayer[] = []
  let place: ThemePlace | undefined = wanted
  while (place) {
    const folder = folderOf(place, named)
    if (folder === undefined) throw missing(place, layers.at(-1), named)
    if (layers.some((layer) => layer.folder === folder)) {
      throw new StartRefused(`The theme in ${folder} extends itself.`)
    }
    const layer = readLayer(folder)
    const isTaken = layers.some(({ name }) => name === layer.name)
    layers.push(isTaken ? { ...layer, name: `${layer.name}-${layers.length}` } : layer)
    const next: string | undefined = layer.manifest.extends
    place = next === undefined ? undefined : { text: next, folder: resolve(folder, next) }
  }
  return layers
}

function folderOf({ text, folder }: ThemePlace, named: readonly NamedTheme[]): string | undefined {
  const known = named.find(({ name }) => name === text)
  if (known) return known.folder
  return statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true ? folder : undefined
}

function missing(
  { text, folder }: ThemePlace,
  by: ThemeLayer | undefined,
  named: readonly NamedTheme[],
): StartRefused {
  const names = named.map(({ name }) => name).join(', ')
  const what = isThemeName(text)
    ? `There is no theme ${text}, and no folder ${folder}`
    : `There is no folder ${folder}`
  const whose = by === undefined ? '' : `, which the theme in ${by.folder} extends`
  return new StartRefused(`${what}${whose}.`, [
    `--theme with a folder, or one of these: ${names}`,
    'wheelyard admin theme new FOLDER makes a folder for a theme',
  ])
}

function readLayer(folder: string): ThemeLayer {
  const file = join(folder, 'theme.toml')
  const read = readManifest(existsSync(file) ? readFileSync(file, 'utf8') : '')
  const { manifest } = read
  const mistakes = read.mistakes.map((mistake) => `theme.toml, ${mistake}`)
  const ofDevpi = devpiTemplates(folder)
  if (ofDevpi.length > 0) {
    const names = ofDevpi.join(', ')
    mistakes.push(`templates/: ${names}: templates of devpi-web, which are not used here`)
  }
  return { name: manifest.name ?? 'theme', folder, manifest, mistakes }
}

const devpiTemplates = (folder: string): string[] =>
  listNames(join(folder, 'templates')).filter((name) => name.endsWith('.pt'))
