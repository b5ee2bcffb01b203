/**
 * Compares the documentation with the code: every code, key, setting and command that exists is described,
 * and nothing else is.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { refusalCodes } from '../src/base/refusal.ts'
import { noHooks } from '../src/registry/hooks.ts'
import { Policies } from '../src/registry/policies.ts'
import { policiesInTheBox } from '../src/policies/box.ts'
import { VERSION } from '../src/version.ts'
import { findLinkProblems } from './doc-links.ts'
import { isTest, readTextFiles, report, root, type SourceFile } from './repository.ts'

const files = await readTextFiles()
const byPath = new Map(files.map((file) => [file.path, file.text]))
const markdown = files.filter((file) => file.path.endsWith('.md'))

report('check-docs', [
  ...findErrorProblems(),
  ...findUntestedCodes(),
  ...findLedgerKeyProblems(),
  ...findPolicyOptionProblems(),
  ...findHookProblems(),
  ...(await findReferenceProblems()),
  ...findCommandProblems(),
  ...findVersionProblems(),
  ...findLinkProblems(markdown, (path) => existsSync(join(root, path))),
])

/** Each code has a row (or heading) of its own that begins with it, and no row describes a code that is gone. */
function findErrorProblems(): string[] {
  const page = 'docs/reference/errors.md'
  const text = byPath.get(page)
  if (text === undefined) return [`${page} is missing`]
  const described = new Set(
    [...text.matchAll(/^(?:\||#+)\s*`([a-z0-9-]+)`/gm)].map(([, code = '']) => code),
  )
  const known = new Set<string>(refusalCodes)
  return [
    ...[...known.difference(described)].map((code) => `${page}: the code '${code}' is missing`),
    ...[...described.difference(known)].map((code) => `${page}: there is no code '${code}'`),
  ]
}

/** A refusal that no test has seen may not work. */
function findUntestedCodes(): string[] {
  const tests = files.filter((file) => isTest(file.path)).map((file) => file.text)
  return refusalCodes
    .filter((code) => !tests.some((text) => text.includes(`'${code}'`)))
    .map((code) => `the refusal '${code}' occurs in no test`)
}

/** Each option that a policy adds has a row that begins with it. */
function findPolicyOptionProblems(): string[] {
  const page = 'docs/reference/index-options.md'
  const advisories = { places: [], intervalMs: 0, isOffline: true }
  const { options } = new Policies(policiesInTheBox({ advisories }), { now: () => 0 })
  return Object.keys(options)
    .filter((name) => !byPath.get(page)?.includes(`\n| \`${name}\` |`))
    .map((name) => `${page}: the option '${name}' is missing`)
}

/** Each hook point has a row that begins with it. */
function findHookProblems(): string[] {
  const page = 'docs/reference/hooks.md'
  return Object.keys(noHooks)
    .filter((name) => !byPath.get(page)?.includes(`\n| \`${name}\` |`))
    .map((name) => `${page}: the hook '${name}' is missing`)
}

/** The page holds the tree that is drawn where the keys are made, word for word. */
function findLedgerKeyProblems(): string[] {
  const page = 'docs/reference/ledger-keys.md'
  const source = 'src/registry/keys.ts'
  const text = byPath.get(page)
  if (text === undefined) return [`${page} is missing`]
  const drawn = /\* ```text\n(.*?) \* ```/s.exec(byPath.get(source) ?? '')?.[1]
  if (drawn === undefined) return [`${source} draws no tree of keys`]
  const tree = drawn.replaceAll(/^ \* ?/gm, '')
  return text.includes(tree) ? [] : [`${page} does not hold the tree drawn in ${source}`]
}

/** `generateReference()`: path to text, of every page that is made from the code. */
type Generator = { generateReference(): Promise<Readonly<Record<string, string>>> }

async function findReferenceProblems(): Promise<string[]> {
  const path = join(root, 'scripts/generate-reference.ts')
  if (!existsSync(path)) return []
  const generator = (await import(pathToFileURL(path).href)) as Generator
  const pages = Object.entries(await generator.generateReference())
  return pages
    .filter(([page, text]) => byPath.get(page) !== text)
    .map(([page]) => `${page} is out of date: run node scripts/generate-reference.ts`)
}

/** The program and its package say the same version. */
function findVersionProblems(): string[] {
  const { version } = JSON.parse(byPath.get('package.json') ?? '{}') as { version: string }
  return version === VERSION ? [] : [`src/version.ts says ${VERSION}, package.json ${version}`]
}

/** `npm run x` in any page names a script that exists. */
function findCommandProblems(): string[] {
  const { scripts } = JSON.parse(byPath.get('package.json') ?? '{}') as {
    scripts: Record<string, string>
  }
  return [
    ...markdown.flatMap((file) => unknownScripts(file, scripts)),
    ...findMissingPrograms(scripts),
  ]
}

function unknownScripts({ path, text }: SourceFile, scripts: Record<string, string>): string[] {
  return [...text.matchAll(/\bnpm (?:run ([\w:-]+)|(start|test)\b)/g)]
    .map(([, run, short]) => run ?? short ?? '')
    .filter((name) => scripts[name] === undefined)
    .map((name) => `${path}: package.json has no script '${name}'`)
}

function findMissingPrograms(scripts: Record<string, string>): string[] {
  return Object.entries(scripts)
    .map(([name, command]) => ({ name, program: /^node (\S+)/.exec(command)?.[1] }))
    .filter(({ program }) => program !== undefined && !byPath.has(program))
    .map(
      ({ name, program }) => `package.json: the script '${name}' runs ${program}, which is missing`,
    )
}
