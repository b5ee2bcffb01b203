/** What installers choose from an index with policies: all of them the same release, with no setting of their own. */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { advisory, osvZip } from '../support/advisories.ts'
import { assertDone, assertInstalls, installerNames, makeInstaller } from '../support/installers.ts'
import { startStaticIndex, type StaticFile } from '../support/static-index.ts'
import { makeTempFolder, type TempFolder } from '../support/temp.ts'
import { makeSdist, makeWheel, type WheelOptions } from '../support/wheel.ts'
import { startYard, type Yard } from '../support/yard.ts'

const DAY_MS = 24 * 3_600_000
const daysAgo = (days: number): string => new Date(Date.now() - days * DAY_MS).toISOString()

const wheel = (project: string, version: string, options: WheelOptions = {}, days = 30) => ({
  ...makeWheel(project, version, options),
  uploadTime: daysAgo(days),
})
const source = (project: string, version: string) => ({
  ...makeSdist(project, version),
  uploadTime: daysAgo(30),
})

/** Of each project one policy alone hides 2.0, so that its name says which one failed. */
const newer: Readonly<Record<string, StaticFile>> = {
  young: wheel('young', '2.0', {}, 1),
  denied: wheel('denied', '2.0'),
  unbuilt: source('unbuilt', '2.0'),
  foreign: wheel('foreign', '2.0', { tag: 'py3-none-linux_x86_64' }),
  large: wheel('large', '2.0', { extraFiles: { 'padding.bin': randomBytes(100_000) } }),
  harmful: wheel('harmful', '2.0'),
}
const projects = Object.keys(newer)
const options = {
  cooldown: '7d',
  deny: ['denied>=2'],
  only_binary: ['unbuilt'],
  deny_platforms: ['linux_*'],
  max_file_size: '50KB',
  advisories: 'malicious',
}

const files = [
  ...projects.map((project) => wheel(project, '1.0')),
  ...Object.values(newer),
  { ...wheel('yanked', '1.0'), yanked: 'broken' },
  wheel('aged', '1.0', {}, 400),
  wheel('aged', '2.0'),
  wheel('licensed', '1.0', { headers: ['License-Expression: MIT'] }),
  wheel('licensed', '2.0', { headers: ['License-Expression: GPL-3.0-only'] }),
]

const malicious = advisory('MAL-2026-1', 'harmful', { versions: ['2.0'] })

let folder: TempFolder
let upstream: Awaited<ReturnType<typeof startStaticIndex>>
let yard: Yard

before(async () => {
  folder = await makeTempFolder('advisories')
  const place = await folder.write('all.zip', osvZip(malicious))
  upstream = await startStaticIndex(files)
  const bases = ['ada/mirror']
  yard = await startYard({
    args: ['--advisories', place],
    stages: [
      { name: 'ada/mirror', type: 'mirror', mirror_url: upstream.url('simple/') },
      { name: 'ada/open', bases },
      { name: 'ada/policed', bases, ...options },
      { name: 'ada/allowed', bases, allow: ['denied<2', 'aged'] },
      { name: 'ada/typed', bases, deny_types: ['sdist'], allow_platforms: ['any'] },
      { name: 'ada/licensed', bases, allow_licences: ['MIT'] },
      { name: 'ada/locked', bases, constraints: 'denied==1.0\naged<2' },
      { name: 'ada/past', bases, uploaded_before: daysAgo(200).slice(0, 10) },
      { name: 'ada/newest', bases, newest_versions: 1, deny_yanked: true },
    ],
  })
})

after(async () => {
  await yard[Symbol.asyncDispose]()
  await upstream.close()
  await folder.remove()
})

const simple = (index: string): string => yard.url(`${index}/+simple/`)
const all = (version: string, names: readonly string[]): string[] =>
  names.map((name) => `${name}-${version}`).toSorted()

test('without policies the newest of everything is chosen', async () => {
  const expected = all('2.0', projects)
  await assertInstalls('uv', projects, { from: simple('ada/open'), expected })
})

const wanted: readonly {
  readonly index: string
  readonly requirements: readonly string[]
  readonly expected: readonly string[]
}[] = [
  { index: 'ada/policed', requirements: projects, expected: all('1.0', projects) },
  {
    index: 'ada/allowed',
    requirements: ['denied', 'aged'],
    expected: ['aged-2.0', 'denied-1.0'],
  },
  {
    index: 'ada/typed',
    requirements: ['unbuilt', 'foreign'],
    expected: ['foreign-1.0', 'unbuilt-1.0'],
  },
  { index: 'ada/licensed', requirements: ['licensed'], expected: ['licensed-1.0'] },
  { index: 'ada/locked', requirements: ['denied', 'aged'], expected: ['aged-1.0', 'denied-1.0'] },
  { index: 'ada/past', requirements: ['aged'], expected: ['aged-1.0'] },
]

for (const name of [...installerNames, 'pdm'] as const) {
  describe(name, () => {
    for (const { index, requirements, expected } of wanted) {
      test(`chooses the next best that ${index} shows`, async () => {
        await assertInstalls(name, requirements, { from: simple(index), expected })
      })
    }

    // yanked: deny_yanked, where `==` would get it; aged: newest_versions.
    for (const hidden of ['yanked==1.0', 'aged==1.0']) {
      test(`finds no ${hidden} where it is hidden`, async () => {
        await using open = await makeInstaller(name)
        assertDone(await open.install(hidden, simple('ada/open')))
        await using installer = await makeInstaller(name)
        const { code, output } = await installer.install(hidden, simple('ada/newest'))
        assert.ok(code > 0 && code < 128, `exit code ${code}:\n${output}`)
      })
    }
  })
}
