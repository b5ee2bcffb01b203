/** Random spellings of versions and specifiers, dense enough that two of them often fall close together. */
import fc from 'fast-check'

const digits = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom('0', '1', '2', '3', '10') },
  { weight: 2, arbitrary: fc.constantFrom('00', '01', '2024', '99999999999999999999') },
)
const separator = fc.constantFrom('', '', '.', '-', '_')
const noText = fc.constant('')

function joined(...parts: fc.Arbitrary<string>[]): fc.Arbitrary<string> {
  return fc.tuple(...parts).map((texts) => texts.join(''))
}

/** Mostly left out. */
function sometimes(part: fc.Arbitrary<string>, weight = 1): fc.Arbitrary<string> {
  return fc.oneof({ weight: 2, arbitrary: noText }, { weight, arbitrary: part })
}

function word(...words: string[]): fc.Arbitrary<string> {
  const spelt = fc.constantFrom(...words, words[0]!.toUpperCase())
  return joined(separator, spelt, separator, sometimes(digits, 6))
}

const localPart = fc.constantFrom('0', '1', '01', '10', 'a', 'ABC', 'abc', 'foo01')
const release = fc.array(digits, { minLength: 1, maxLength: 4 }).map((numbers) => numbers.join('.'))
const local = fc
  .tuple(localPart, fc.array(joined(fc.constantFrom('.', '-', '_'), localPart), { maxLength: 2 }))
  .map(([first, rest]) => `+${first}${rest.join('')}`)

const base = joined(
  sometimes(fc.constantFrom('v', 'V', ' ')),
  sometimes(joined(digits, fc.constant('!'))),
  release,
)
const pre = word('a', 'alpha', 'b', 'beta', 'c', 'rc', 'pre', 'preview')
const post = fc.oneof(joined(fc.constant('-'), digits), word('post', 'rev', 'r'))
const suffix = joined(sometimes(pre), sometimes(post), sometimes(word('dev')))

/** Texts that are versions. */
export const versionText = joined(base, suffix, sometimes(local))

const mistake = fc.constantFrom(
  'x',
  '..',
  '-',
  '_1',
  '.*',
  '+',
  ' ',
  '!',
  '.final',
  'é',
  '٣',
  ';',
  '',
)

/** Texts that are versions, or nearly so. */
export const nearlyVersionText = fc.oneof(
  { weight: 9, arbitrary: versionText },
  {
    weight: 1,
    arbitrary: fc.tuple(versionText, mistake, fc.nat(20)).map(([text, wrong, at]) => {
      return text.slice(0, at) + wrong + text.slice(at)
    }),
  },
)

const operator = fc.constantFrom('~=', '==', '!=', '<=', '>=', '<', '>', '<', '>')
const specifier = fc.oneof(
  { weight: 6, arbitrary: joined(operator, sometimes(fc.constant(' ')), release, suffix) },
  { weight: 2, arbitrary: joined(fc.constantFrom('==', '!='), release, fc.constant('.*')) },
  { weight: 1, arbitrary: joined(operator, nearlyVersionText) },
  { weight: 1, arbitrary: joined(fc.constant('==='), versionText) },
)

/** Texts that are specifier sets, or nearly so. */
export const specifierText = fc
  .array(specifier, { maxLength: 3 })
  .chain((specifiers) => fc.constantFrom(', ', ',', ',').map((comma) => specifiers.join(comma)))

/** Two versions and a specifier set around one release, so that every edge of a rule is met often. */
export const closeTexts: fc.Arbitrary<readonly [string, string, string]> = release.chain(
  (shared) => {
    const spelt = fc.constantFrom(shared, shared, `${shared}.0`, `v0!${shared}`)
    const version = joined(spelt, suffix, sometimes(local))
    const bound = fc.oneof(
      joined(operator, spelt, suffix),
      joined(fc.constantFrom('==', '!='), version),
    )
    return fc.tuple(version, version, bound)
  },
)
