/** What may stand in no file: public registries, paths of one machine; and where settings may be read. */
import { layerOf } from './layers.ts'
import { isTest, type SourceFile } from './repository.ts'

interface Rule {
  readonly pattern: RegExp
  readonly problem: string
  readonly appliesTo: (path: string) => boolean
}

const everywhere = (): boolean => true

// Written in pieces, so that this file does not break its own rule.
const registries = [
  ['py', 'pi.org'],
  ['py', 'pi.python.org'],
  ['python', 'hosted.org'],
  ['registry.', 'npmjs.'],
  ['registry.', 'yarnpkg.'],
].map((pieces) => pieces.join('').replaceAll('.', '\\.'))

const machinePaths = ['wo{}rk/', 'ro{}ot/\\.', 'op{}t/pypi', 'op{}t/wheels'].map((path) =>
  path.replace('{}', ''),
)

const rules: readonly Rule[] = [
  {
    pattern: new RegExp(registries.join('|'), 'i'),
    problem: 'names a public registry; its address is found at run time',
    appliesTo: everywhere,
  },
  {
    // Not behind a host or another folder: `/root/pypi` and `/ada/work/` are paths of an index server.
    pattern: new RegExp(`(?<![\\w.:-])/(${machinePaths.join('|')})`),
    problem: 'names a path of one machine',
    appliesTo: everywhere,
  },
  {
    pattern: /\bprocess\.(env|argv)\b/,
    problem: 'reads the environment or the arguments, which only bin/ and src/config.ts do',
    appliesTo: (path) => path.startsWith('src/') && !isTest(path) && layerOf(path) !== 'config',
  },
]

export function findForbiddenText({ path, text }: SourceFile): string[] {
  const applying = rules.filter((rule) => rule.appliesTo(path) && rule.pattern.test(text))
  return applying.flatMap(({ pattern, problem }) =>
    text
      .split('\n')
      .flatMap((line, index) => (pattern.test(line) ? [`${path}:${index + 1}: ${problem}`] : [])),
  )
}
