/** The floors of `src/`, and who may import whom. Type-only imports count: a type is knowledge. */
import { posix } from 'node:path'
import { isTest, type SourceFile } from './repository.ts'

interface Layer {
  readonly floor: number
  readonly mayImport: readonly string[]
}

const ground = ['base', 'python']
const machinery = ['ledger', 'blobs', 'http', 'config']
const services = ['simple', 'mirror', 'publish', 'readme', 'search', 'replication', 'migration']

/**
 * Every folder of `src/`, those still to come included, and the files beside them: `version.ts`, `app.ts` and
 * `config.ts` (with the `app-….ts` and `config-….ts` that belong to them).
 */
export const layers: Readonly<Record<string, Layer>> = {
  base: { floor: 0, mayImport: [] },
  python: { floor: 0, mayImport: [] },
  version: { floor: 0, mayImport: [] },

  ledger: { floor: 1, mayImport: ['base'] },
  blobs: { floor: 1, mayImport: ['base'] },
  http: { floor: 1, mayImport: ['base'] },
  config: { floor: 1, mayImport: ['base'] },
  workers: { floor: 1, mayImport: ['base'] },

  registry: { floor: 2, mayImport: [...ground, 'ledger', 'blobs'] },

  simple: { floor: 3, mayImport: [...ground, 'ledger', 'registry'] },
  mirror: { floor: 3, mayImport: [...ground, 'ledger', 'blobs', 'registry'] },
  publish: { floor: 3, mayImport: [...ground, 'blobs', 'registry'] },
  readme: { floor: 3, mayImport: ground },
  search: { floor: 3, mayImport: [...ground, 'ledger', 'blobs', 'registry'] },
  replication: { floor: 3, mayImport: ['base', 'ledger', 'blobs'] },
  migration: { floor: 3, mayImport: [...ground, 'ledger', 'blobs', 'registry'] },
  plugins: { floor: 3, mayImport: [...ground, 'registry'] },

  policies: { floor: 4, mayImport: [...ground, 'plugins'] },
  api: { floor: 4, mayImport: [...ground, ...machinery, 'registry', ...services] },
  web: {
    floor: 4,
    mayImport: [...ground, ...machinery, 'registry', 'simple', 'mirror', 'readme', 'search'],
  },
  client: { floor: 4, mayImport: ground },

  app: {
    floor: 5,
    mayImport: [
      ...[...ground, ...machinery, 'registry', ...services, 'plugins'],
      ...['policies', 'api', 'web', 'client', 'version'],
    ],
  },

  cli: { floor: 6, mayImport: [...ground, 'client', 'version'] },
}

/** Parts of a layer that may do more: starting and looking after a server needs what it is made of. */
const wider: readonly { readonly path: RegExp; readonly mayImport: readonly string[] }[] = [
  {
    path: /^src\/cli\/((serve|serve-workers|follow-devpi)\.ts|admin\/)/,
    mayImport: ['app', 'config', 'ledger', 'blobs', 'registry', 'migration', 'workers'],
  },
]

/** A file's layer: the folder below `src/`, or the name of a file that stands there alone. */
export function layerOf(path: string): string | undefined {
  const inside = /^src\/(.+)$/.exec(path)?.[1]
  if (inside === undefined) return undefined
  const slash = inside.indexOf('/')
  if (slash !== -1) return inside.slice(0, slash)
  const [, own] = /^(app|config)(?:-[a-z-]+)?(?:\.test)?\.ts$/.exec(inside) ?? []
  return own ?? inside.replace(/(\.test)?\.ts$/, '')
}

/** All imports of a file of `src/` that cross a border they may not cross. */
export function findImportProblems({ path, text }: SourceFile): string[] {
  const own = layerOf(path)
  if (own === undefined || !path.endsWith('.ts')) return []
  if (!layers[own]) return [`${path}: src/${own} is missing from the table in scripts/layers.ts`]
  return importsIn(text)
    .map((specifier) => ({ specifier, problem: problemOf(path, own, specifier) }))
    .filter(({ problem }) => problem !== undefined)
    .map(({ specifier, problem }) => `${path}: '${specifier}': ${problem}`)
}

/** The specifiers of our own files, from static and dynamic imports and from exports. */
function importsIn(text: string): string[] {
  const pattern = /(?:\bfrom|\bimport)\s*\(?\s*'([.#][^']*)'/g
  return [...text.matchAll(pattern)].map(([, specifier = '']) => specifier)
}

function problemOf(path: string, own: string, specifier: string): string | undefined {
  if (specifier.startsWith('#')) return problemAcross(path, own, specifier)
  return problemWithin(path, own, posix.join(posix.dirname(path), specifier))
}

function problemAcross(path: string, own: string, specifier: string): string | undefined {
  const target = layerOf(`src/${specifier.slice(1)}${specifier.includes('/') ? '' : '.ts'}`) ?? ''
  if (!layers[target]) return `there is no layer ${target}`
  const isInside = specifier.split('/').length > 2
  if (isInside && own !== 'app' && !isTest(path)) {
    return `what lies in a folder of ${target} is private to it`
  }
  return problemBetween(path, own, target)
}

function problemWithin(path: string, own: string, target: string): string | undefined {
  if (isTest(path) && target.startsWith('test/support/')) return undefined
  const layer = layerOf(target)
  if (layer === own) return undefined
  const areNeighbours = posix.dirname(path) === 'src' && posix.dirname(target) === 'src'
  if (layer === undefined || !areNeighbours) return 'leaves its layer; another one is #layer/file'
  return problemBetween(path, own, layer)
}

/** A unit's test may also set up what stands below the unit, on any lower floor. */
function problemBetween(path: string, own: string, target: string): string | undefined {
  const allowed = wider.filter((part) => part.path.test(path)).flatMap((part) => part.mayImport)
  if (layers[own]?.mayImport.includes(target) || allowed.includes(target)) return undefined
  if (isTest(path) && isLower(target, own)) return undefined
  return own === target
    ? 'its own layer is reached by ./ and ../'
    : `${own} may not import ${target}`
}

function isLower(target: string, own: string): boolean {
  return (layers[target]?.floor ?? Infinity) < (layers[own]?.floor ?? -Infinity)
}
