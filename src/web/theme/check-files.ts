/** What is wrong with a theme's files as far as reading them tells. */
import { existsSync, readFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import { findNearest } from '#base/nearest'
import { isServed } from '../static-files.ts'
import { findPoorContrast } from './contrast.ts'
import type { ThemeLayer } from './find-theme.ts'
import { listNames, ourFolder } from './folders.ts'

/** Sentences, each with its file. The layers are those of `findTheme`; those in the box are not looked at. */
export function checkFiles(layers: readonly ThemeLayer[]): string[] {
  const own = layers.filter(({ folder }) => !folder.startsWith(ourFolder('themes')))
  return [
    ...own.filter(isEmpty).map(({ folder }) => `${folder}: ${NOTHING}`),
    ...own.flatMap((layer) => layer.mistakes.map((mistake) => `${layer.folder}: ${mistake}`)),
    ...own.flatMap(({ folder }) => [...checkStatic(folder), ...checkTemplates(folder, own)]),
    ...(own.length > 0 ? findPoorContrast(listSheets(layers)) : []),
  ]
}

const NOTHING =
  'nothing of a theme is there: no theme.toml, no file below static/, and no template below templates/'

/** Some other folder, such as the one above the theme. */
const isEmpty = ({ folder }: ThemeLayer): boolean =>
  !existsSync(join(folder, 'theme.toml')) &&
  listNames(join(folder, 'static')).length === 0 &&
  templateNames(join(folder, 'templates')).length === 0

function checkStatic(folder: string): string[] {
  return listNames(join(folder, 'static')).flatMap((name) => {
    const place = `static/${name}`
    if (!isServed(name)) return [`${place} is not served: its kind is none that a page loads`]
    const isLoading = extname(name) === '.css' && foreign.test(readText(folder, place))
    return isLoading ? [`${place} loads something of another host, which pages do not`] : []
  })
}

const foreign = /(?:@import\s+|url\()\s*["']?(?:https?:)?\/\//i

const refused: readonly { readonly pattern: RegExp; readonly what: string }[] = [
  { pattern: /<script\b(?![^>]*\ssrc=)/i, what: 'a script' },
  { pattern: /<[a-z][^<>]*\son[a-z]+\s*=/i, what: 'a script in an attribute' },
  { pattern: /<style\b/i, what: 'a style sheet' },
  { pattern: /<[a-z][^<>]*\sstyle\s*=/i, what: 'styles in an attribute' },
]

function checkTemplates(folder: string, layers: readonly ThemeLayer[]): string[] {
  const ours = templateNames(ourFolder('templates'))
  const printed = layers.flatMap((layer) =>
    templateNames(join(layer.folder, 'templates')).flatMap((name) =>
      partsIn(readText(layer.folder, `templates/${name}.eta`)),
    ),
  )
  return templateNames(join(folder, 'templates')).flatMap((name) => {
    const place = `templates/${name}.eta`
    const problems = findRefused(readText(folder, place)).map((problem) => `${place}, ${problem}`)
    if (ours.includes(name) || printed.includes(name)) return problems
    const nearest = findNearest(name, ours)
    const hint = nearest === undefined ? '' : `; did you mean ${nearest}?`
    return [...problems, `${place} stands in for none of ours, and nothing prints it${hint}`]
  })
}

/** What browsers refuse, because pages take scripts and styles from files alone. */
function findRefused(text: string): string[] {
  return text.split('\n').flatMap((line, at) => {
    const html = line.replaceAll(/<%[^]*?%>/g, '')
    return refused
      .filter(({ pattern }) => pattern.test(html))
      .map(({ what }) => `line ${at + 1}: holds ${what}; browsers take those from files alone`)
  })
}

const templateNames = (folder: string): string[] =>
  listNames(folder)
    .filter((name) => name.endsWith('.eta'))
    .map((name) => name.replace(/\.eta$/, ''))

const partsIn = (text: string): string[] =>
  [...text.matchAll(/\bpart\(\s*(['"`])([\w/-]+)\1/g)].map(([, , name = '']) => name)

/** As a page has them. */
function listSheets(layers: readonly ThemeLayer[]): string[] {
  const ours = readFileSync(join(ourFolder('static'), 'style.css'), 'utf8')
  return [
    ours,
    ...layers.toReversed().flatMap(({ folder, manifest }) => {
      const present = listNames(join(folder, 'static'))
      return ['style.css', ...manifest.styles]
        .filter((name) => present.includes(name))
        .map((name) => readText(folder, `static/${name}`))
    }),
  ]
}

const readText = (folder: string, name: string): string => readFileSync(join(folder, name), 'utf8')
