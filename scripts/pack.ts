/**
 * Makes the npm package: JavaScript in `dist/`, because Node strips no types under `node_modules`. Modules that are
 * always loaded together become one file, since Node finds and links each file by itself: that was more than half of a
 * start. Prints the path of the tarball as its last line.
 */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { cp, glob, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { build } from 'rolldown'
import { root } from './repository.ts'

/** What readers of the package get beside the program. */
const documents = ['README.md', 'LICENSE', 'CHANGELOG.md', 'SECURITY.md', 'ARCHITECTURE.md', 'docs']

const target = join(root, 'dist')

await rm(target, { recursive: true, force: true })
await bundle()
await copyAssets()
await copyDocuments()
const manifest = await writeManifest()
packTarball()
console.log(join(target, `${manifest.name}-${manifest.version}.tgz`))

/** The command, and each program of a thread or process, which keep their places: they are found by `#` names. */
async function bundle(): Promise<void> {
  const programs = await listPrograms()
  const input = ['bin/wheelyard', ...programs.map((name) => `src/${name}`)]
  await build({
    cwd: root,
    input: Object.fromEntries(input.map((path) => [path, `./${path}.ts`])),
    platform: 'node',
    external: (id) => !/^[./#]/.test(id), // dependencies stay what npm installs
    output: {
      dir: target,
      format: 'esm',
      entryFileNames: '[name].js',
      chunkFileNames: 'src/chunks/[name]-[hash].js',
    },
  })
}

/** The modules that our code asks `import.meta.resolve` for. */
async function listPrograms(): Promise<string[]> {
  const names = new Set<string>()
  for await (const path of glob('src/**/*.ts', { cwd: root })) {
    const text = await readFile(join(root, path), 'utf8')
    for (const [, name = ''] of text.matchAll(/import\.meta\.resolve\('#([^']+)'\)/g)) {
      if (existsSync(join(root, 'src', `${name}.ts`))) names.add(name)
    }
  }
  return [...names]
}

/** Whatever the code reads at run time that is no TypeScript: SQL, templates, styles. */
async function copyAssets(): Promise<void> {
  for await (const entry of glob('{bin,src}/**/*.*', { cwd: root, withFileTypes: true })) {
    if (!entry.isFile() || entry.name.endsWith('.ts')) continue
    const path = join(entry.parentPath, entry.name)
    const copy = join(target, path.slice(root.length + 1))
    await mkdir(dirname(copy), { recursive: true })
    await cp(path, copy)
  }
}

async function copyDocuments(): Promise<void> {
  for (const name of documents) {
    if (existsSync(join(root, name))) {
      await cp(join(root, name), join(target, name), { recursive: true })
    }
  }
}

interface Manifest {
  readonly name: string
  readonly version: string
  readonly [field: string]: unknown
}

/** Ours, without what only this repository needs, and pointing at JavaScript. */
async function writeManifest(): Promise<Manifest> {
  const own = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as Manifest
  const {
    private: _private,
    scripts: _,
    devDependencies: _dev,
    optionalDependencies: _optional,
    ...kept
  } = own
  const manifest = {
    ...kept,
    bin: { wheelyard: 'bin/wheelyard.js' },
    imports: { '#*': './src/*.js' },
    files: ['bin', 'src', ...documents],
  }
  await writeFile(join(target, 'package.json'), `${JSON.stringify(manifest, undefined, 2)}\n`)
  return manifest
}

function packTarball(): void {
  // What npm prints goes to standard error: standard output holds the path of the tarball.
  const { status, error } = spawnSync('npm', ['pack', '--loglevel=error'], {
    cwd: target,
    stdio: ['ignore', 2, 2],
  })
  if (error) throw error
  if (status !== 0) process.exit(1)
}
