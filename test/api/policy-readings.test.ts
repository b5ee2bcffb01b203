/** For any files, each rule hides what a plain reading of its option says, and rules together hide no less. */
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import fc from 'fast-check'
import { openLedger } from '#ledger/open-ledger'
import { normalizeName } from '#python/name'
import type { StageEntry } from '#registry/indexes'
import type { Link } from '#registry/links'
import { Policies } from '#registry/policies'
import { policiesInTheBox } from '#policies/box'
import { fuzzRuns } from '../support/fuzz.ts'
import { BEGINNING as NOW, DAY_MS } from '../support/policies.ts'
import { makeTempFolder } from '../support/temp.ts'

const project = normalizeName('anchor')

interface Drawn {
  readonly major: number
  readonly minor: number
  readonly ending: '-py3-none-any.whl' | '-cp311-cp311-win_amd64.whl' | '.tar.gz' | '-py3.11.egg'
  readonly size: number | undefined
  readonly isYanked: boolean
  readonly isMirrored: boolean
  /** Days since it was uploaded, where that is known, and since it was seen. */
  readonly age: number | undefined
  readonly seen: number
}

const anyFile: fc.Arbitrary<Drawn> = fc.record({
  major: fc.integer({ min: 1, max: 3 }),
  minor: fc.integer({ min: 0, max: 2 }),
  ending: fc.constantFrom(
    '-py3-none-any.whl' as const,
    '-cp311-cp311-win_amd64.whl' as const,
    '.tar.gz' as const,
    '-py3.11.egg' as const,
  ),
  size: fc.option(fc.integer({ min: 0, max: 2000 }), { nil: undefined }),
  isYanked: fc.boolean(),
  isMirrored: fc.boolean(),
  age: fc.option(fc.integer({ min: 0, max: 20 }), { nil: undefined }),
  seen: fc.integer({ min: 0, max: 20 }),
})

const filenameOf = ({ major, minor, ending }: Drawn): string => `anchor-${major}.${minor}${ending}`
const anyFiles = fc.uniqueArray(anyFile, { selector: filenameOf, maxLength: 15 })

const linkOf = (drawn: Drawn): Link => ({
  index: 'ada/dev',
  filename: filenameOf(drawn),
  file: {
    hashes: {},
    version: `${drawn.major}.${drawn.minor}`,
    addedAt: NOW - drawn.seen * DAY_MS,
    ...(drawn.size !== undefined && { size: drawn.size }),
    ...(drawn.age !== undefined && {
      uploadedAt: new Date(NOW - drawn.age * DAY_MS).toISOString(),
    }),
    ...(drawn.isYanked && { yanked: true as const }),
    ...(drawn.isMirrored && { upstream: { url: 'https://upstream.example/f' } }),
  },
})

const isWheel = ({ ending }: Drawn): boolean => ending.endsWith('.whl')
const days = ({ age, seen }: Drawn): number => age ?? seen
const number = ({ major, minor }: Drawn): number => 10 * major + minor

/** Each option with the files that it hides, put as plainly as it goes. */
const readings: readonly (readonly [
  options: Readonly<Record<string, unknown>>,
  hides: (file: Drawn) => boolean,
])[] = [
  [{ allow: ['anchor>=2'] }, ({ major }) => major < 2],
  [{ allow: ['other', 'anchor==1.*', 'anchor==3.2'] }, (f) => f.major !== 1 && number(f) !== 32],
  [{ deny: ['anchor>1.0,<2.1'] }, (f) => number(f) > 10 && number(f) < 21],
  [{ deny: ['*'] }, () => true],
  [{ deny_types: ['sdist', 'egg'] }, (f) => !isWheel(f)],
  [{ only_binary: [':all:'] }, (f) => !isWheel(f)],
  [{ only_binary: ['other'] }, () => false],
  [{ allow_platforms: ['any'] }, ({ ending }) => ending.includes('win')],
  // Stored by an earlier version, and refused by now.
  [{ allow_platforms: ['any', 'win-amd64'] }, ({ ending }) => ending.includes('win')],
  [{ deny_platforms: ['win*', 'linux*'] }, ({ ending }) => ending.includes('win')],
  [{ deny_yanked: true }, ({ isYanked }) => isYanked],
  [{ max_file_size: '1KB' }, ({ size }) => size === undefined || size > 1000],
  [{ constraints: 'anchor==2.1\nother' }, (f) => number(f) !== 21],
  [{ cooldown: '7d' }, (f) => f.isMirrored && days(f) < 7],
  [
    { cooldown: '7d', cooldown_exempt: ['anchor>=3'] },
    (f) => f.isMirrored && days(f) < 7 && f.major < 3,
  ],
  // At the instant itself is too late.
  [
    { uploaded_before: new Date(NOW - 10 * DAY_MS).toISOString() },
    (f) => f.isMirrored && days(f) <= 10,
  ],
]

const advisories = { places: [], intervalMs: 3_600_000, isOffline: true }
const policies = new Policies(policiesInTheBox({ advisories }), { now: () => NOW })
const folder = await makeTempFolder()
const ledger = await openLedger(folder.path)
after(async () => {
  await ledger.close()
  await folder.remove()
})

const stage: StageEntry = {
  type: 'stage',
  volatile: false,
  bases: [],
  acl_upload: [],
  acl_toxresult_upload: [],
  mirror_whitelist: [],
  mirror_whitelist_inheritance: 'intersection',
}

async function shownWith(
  options: Readonly<Record<string, unknown>>,
  files: readonly Drawn[],
): Promise<Drawn[]> {
  const links = files.map(linkOf)
  const order = [{ name: 'ada/dev' as const, entry: { ...stage, ...options } }]
  const { hidden } = await ledger.read((tx) => policies.judge(tx, order, { project, links }))
  return files.filter((_, at) => !hidden.has(links[at]!))
}

for (const [options, hides] of readings) {
  test(`${JSON.stringify(options)} hides what it says, of any files`, async () => {
    await fc.assert(
      fc.asyncProperty(anyFiles, async (files) => {
        const expected = files.filter((file) => !hides(file))
        assert.deepEqual(await shownWith(options, files), expected)
      }),
      fuzzRuns(100),
    )
  })
}

const someReadings = fc
  .subarray([...readings], { minLength: 1, maxLength: 5 })
  .map((some) => [Object.assign({}, ...some.map(([options]) => options)), some] as const)
  // Of two readings with one option the later would be set, and the former not.
  .filter(([options, some]) =>
    some.every(([own]) => Object.entries(own).every(([name, value]) => options[name] === value)),
  )
  .filter(([, some]) => some.filter(([own]) => 'cooldown' in own).length < 2)

test('rules that are set together hide what any of them hides, and nothing else', async () => {
  await fc.assert(
    fc.asyncProperty(anyFiles, someReadings, async (files, [options, some]) => {
      const expected = files.filter((file) => !some.some(([, hides]) => hides(file)))
      assert.deepEqual(await shownWith(options, files), expected)
    }),
    fuzzRuns(500),
  )
})

test('the number of newest versions is counted among those that the other rules leave', async () => {
  const anyCount = fc.integer({ min: 1, max: 4 })
  await fc.assert(
    fc.asyncProperty(anyFiles, someReadings, anyCount, async (files, [options, some], count) => {
      const left = files.filter((file) => !some.some(([, hides]) => hides(file)))
      const newest = new Set(
        [...new Set(left.map(number))].toSorted((a, b) => b - a).slice(0, count),
      )
      const expected = left.filter((file) => newest.has(number(file)))
      assert.deepEqual(await shownWith({ ...options, newest_versions: count }, files), expected)
    }),
    fuzzRuns(500),
  )
})
