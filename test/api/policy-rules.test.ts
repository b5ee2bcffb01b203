/** Each policy in the box: which files an index offers with it, and which mistakes are refused when it is set. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  BEGINNING,
  DAY_MS,
  POLICED_STAGE as STAGE,
  startPolicedWorld,
} from '../support/policies.ts'
import { makeSdist, makeWheel } from '../support/wheel.ts'

const at = (ms: number): Record<string, unknown> => ({ 'upload-time': new Date(ms).toISOString() })

const files = {
  old: makeWheel('anchor', '1.0'),
  mid: makeWheel('anchor', '2.0'),
  source: makeSdist('anchor', '2.0'),
  linux: makeWheel('anchor', '2.1', { tag: 'cp311-cp311-manylinux_2_28_x86_64' }),
  win: makeWheel('anchor', '2.1', { tag: 'cp311-cp311-win_amd64' }),
  yanked: makeWheel('anchor', '2.2'),
  pre: makeWheel('anchor', '3.0rc1'),
  large: makeWheel('anchor', '2.3'),
}
type Name = keyof typeof files

const facts: Partial<Record<Name, Record<string, unknown>>> = {
  old: at(BEGINNING - 400 * DAY_MS),
  yanked: { yanked: 'broken', ...at(BEGINNING - 10 * DAY_MS) },
  pre: at(BEGINNING - 1 * DAY_MS),
  large: { size: 5_000_000, ...at(BEGINNING - 10 * DAY_MS) },
}

const upstream = {
  anchor: Object.entries(files).map(([name, built]) => ({
    built,
    facts: facts[name as Name] ?? at(BEGINNING - 30 * DAY_MS),
  })),
}

const all = Object.keys(files) as Name[]
const except = (...names: readonly Name[]): Name[] => all.filter((name) => !names.includes(name))

const cases: readonly {
  readonly options: Readonly<Record<string, unknown>>
  readonly shown: readonly Name[]
}[] = [
  { options: { allow: ['anchor>=2,<2.2'] }, shown: ['mid', 'source', 'linux', 'win'] },
  { options: { allow: 'other' }, shown: [] },
  { options: { allow: '' }, shown: [] },
  { options: { allow: '*' }, shown: all },
  { options: { deny: 'anchor>=2,<2.2, other' }, shown: except('mid', 'source', 'linux', 'win') },
  { options: { deny: ['*'] }, shown: [] },
  { options: { deny_types: ['sdist'] }, shown: except('source') },
  { options: { deny_types: 'wheel' }, shown: ['source'] },
  { options: { only_binary: ':all:' }, shown: except('source') },
  { options: { only_binary: ['other'] }, shown: all },
  { options: { only_binary: ['Anchor'] }, shown: except('source') },
  { options: { allow_platforms: 'any, manylinux*' }, shown: except('win') },
  { options: { deny_platforms: ['win*'] }, shown: except('win') },
  { options: { allow_python_tags: 'py3-none, cp312' }, shown: except('linux', 'win') },
  { options: { allow_python_tags: ['*-abi3'] }, shown: ['source'] },
  { options: { deny_python_tags: ['py*'] }, shown: ['source', 'linux', 'win'] },
  { options: { deny_python_tags: 'py3-abi3, cp313-cp313t' }, shown: all },
  { options: { deny_yanked: true }, shown: except('yanked') },
  { options: { max_file_size: '1MB' }, shown: except('large') },
  { options: { cooldown: '7d' }, shown: except('pre') },
  { options: { cooldown: '0' }, shown: all },
  { options: { cooldown: '7d', cooldown_exempt: 'anchor==3.0rc1' }, shown: all },
  { options: { cooldown: '7d', cooldown_exempt: ['anchor<3'] }, shown: except('pre') },
  { options: { uploaded_before: '2026-01-01' }, shown: ['old'] },
  { options: { newest_versions: 1 }, shown: ['large', 'pre'] },
  { options: { newest_versions: '3' }, shown: ['linux', 'win', 'yanked', 'large', 'pre'] },
  { options: { newest_versions: 1, max_file_size: '1MB' }, shown: ['yanked', 'pre'] },
  { options: { constraints: 'anchor==2.0\nother==1' }, shown: ['mid', 'source'] },
  { options: { constraints: 'other==1' }, shown: [] },
  {
    options: { constraints: `anchor==2.0 --hash=sha256:${files.mid.sha256}` },
    shown: ['mid'],
  },
  { options: { deny_types: 'sdist', deny: 'anchor<2' }, shown: except('source', 'old') },
]

test('each policy offers what it says', async (t) => {
  await using world = await startPolicedWorld(upstream)
  for (const { options, shown } of cases) {
    await t.test(JSON.stringify(options), async () => {
      await world.set(options)
      const expected = shown.map((name) => files[name].filename).sort()
      assert.deepEqual(await world.shown('anchor'), expected)
      const removals = Object.keys(options).map((name) => `${name}-=`)
      await world.set(removals as unknown as Record<string, unknown>)
      assert.equal((await world.shown('anchor')).length, all.length)
    })
  }
})

const reasons: readonly (readonly [options: Readonly<Record<string, unknown>>, reason: string])[] =
  [
    [{ allow: 'other' }, 'allow does not name it'],
    [{ allow: [] }, 'allow is empty, which names nothing'],
    [{ cooldown: '53w' }, 'it is younger than 53w'],
    [{ cooldown: '371d' }, 'it is younger than 371d'],
  ]

test('the reason for which a file is hidden is told in the words of its option', async (t) => {
  await using world = await startPolicedWorld(upstream)
  for (const [options, reason] of reasons) {
    await t.test(JSON.stringify(options), async () => {
      await world.set(options)
      const { result } = await world.api.get(`/${STAGE}/+explain/anchor?version=3.0rc1`)
      assert.equal(result.files[0].hidden_by.reason, reason)
      const removals = Object.keys(options).map((name) => `${name}-=`)
      await world.set(removals as unknown as Record<string, unknown>)
    })
  }
})

const mistakes: readonly (readonly [option: string, value: unknown, message: RegExp])[] = [
  [
    'allow',
    ['foo', 'bar >> 1'],
    /'allow' has a mistake in member 2, 'bar >> 1': ">> 1" is no version specifier/,
  ],
  [
    'deny',
    'bar, foo; python_version < "3"',
    /'deny' has a mistake in member 2, 'foo; python_version < "3"': ; at character 4 begins a marker/,
  ],
  ['allow', ['foo; python_version <'], /member 1, .*: ; at character 4 begins a marker/],
  ['deny', ['foo[extra]'], /\[ at character 4 has no meaning here/],
  ['deny_types', ['exe'], /must be one of wheel, sdist, egg, other/],
  ['only_binary', [':none:'], /neither a project’s name nor :all:/],
  [
    'allow_platforms',
    ['any', 'win/*'],
    /member 2, 'win\/\*': character 4 can be in no platform tag/,
  ],
  ['allow_platforms', 'any, manylinux-x86_64', /member 2, 'manylinux-x86_64': character 10 can/],
  ['deny_platforms', 'win32, linux', /member 2, 'linux': no wheel has the platform tag 'linux'/],
  ['only_binary', 'numpy, all', /member 2, 'all': all projects are :all:/],
  ['deny_python_tags', ['cp3', 'cp 3'], /member 2, 'cp 3': character 3 can be in no tag/],
  ['allow_python_tags', ['cp312-cp312-win32'], /character 12 can be in no tag/],
  ['deny_yanked', 'perhaps', /Unknown boolean value/],
  ['max_file_size', 'big', /must be a size such as 20MB/],
  ['cooldown', 'a week', /must be a duration such as 7d/],
  ['uploaded_before', '2026-02-31', /must be a date such as/],
  ['uploaded_before', 'someday', /must be a date such as/],
  ['cooldown', '7', /'cooldown' option lacks a unit at character 2 of '7': 7d are days/],
  ['cooldown', 14, /lacks a unit at character 3 of '14'/],
  ['newest_versions', -1, /must be a whole number from 1 to 999999, not -1/],
  ['newest_versions', '0', /must be a whole number from 1/],
  ['newest_versions', '99999999999', /must be a whole number from 1 to 999999, not '99999999999'/],
  [
    'constraints',
    'foo==1\nbar==!',
    /'constraints' has a mistake in line 2: "==!" is no version specifier/,
  ],
  ['constraints', '\n# nothing\n', /'constraints' has a mistake in line 1: it names no release/],
  ['constraints', 7, /must be a text/],
  ['policy_mode', 'perhaps', /must be 'enforce' or 'observe'/],
]

test('a mistake in an option is refused when it is set, with its position', async () => {
  await using world = await startPolicedWorld({})
  for (const [option, value, message] of mistakes) {
    const reply = await world.api.patch(`/${STAGE}`, { as: 'ada', json: { [option]: value } })
    assert.equal(reply.status, 400, option)
    assert.match(reply.message ?? '', message)
  }
  const { result } = await world.api.get(`/${STAGE}`)
  assert.deepEqual(
    mistakes.filter(([option]) => option in result),
    [],
  )
})
