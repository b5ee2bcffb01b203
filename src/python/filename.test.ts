/** Rows of index-standards 9.4 and 9.5, and the file names of older days. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  candidateProjects,
  countTags,
  distributionVersion,
  packageType,
  parseFilename,
  parseSdistFilename,
  parseWheelFilename,
} from './filename.ts'
import { fileForm, normalizeName } from './name.ts'
import { printVersion } from './version.ts'

const pure = 'py3-none-any.whl'

/** Name, version, build tag if there is one, number of tags. */
const wheels: readonly [row: string, filename: string, summary: string | undefined][] = [
  ['W1', `Foo.Bar-1.0-${pure}`, 'foo-bar 1.0, 1 tag'],
  ['W2', 'foo_bar-1.0-py2.py3-none-any.whl', 'foo-bar 1.0, 2 tags'],
  ['W3', `foo_bar-1.0-1-${pure}`, 'foo-bar 1.0, build 1 "", 1 tag'],
  ['W4', `foo_bar-1.0-1abc-${pure}`, 'foo-bar 1.0, build 1 "abc", 1 tag'],
  ['W5', `foo_bar-1.0-12_x.y-${pure}`, 'foo-bar 1.0, build 12 "_x.y", 1 tag'],
  ['W6', `foo-1.0-01-${pure}`, 'foo 1.0, build 1 "", 1 tag'],
  ['W7', `foo_bar-1.0-abc-${pure}`, undefined],
  ['W8', `foo-1.0--${pure}`, undefined],
  ['W9', `foo__bar-1.0-${pure}`, undefined],
  ['W10', `foo-bar-1.0-${pure}`, undefined],
  ['W11', 'foo-1.0-py3-none.whl', undefined],
  ['W11', `foo-1.0-1-1-${pure}`, undefined],
  ['W12', 'foo-1.0-py3-none-any.WHL', undefined],
  ['W13', `foo-1.0+local.1-${pure}`, 'foo 1.0+local.1, 1 tag'],
  ['W14', `foo-1.0_1-${pure}`, undefined],
  ['W15', `foo-v1.0-${pure}`, 'foo 1.0, 1 tag'],
  ['W15', `foo-01.0-${pure}`, 'foo 1.0, 1 tag'],
  ['W16', `foo-1!2.0-${pure}`, 'foo 1!2.0, 1 tag'],
  ['W17', `foo-1.0.dev-${pure}`, 'foo 1.0.dev0, 1 tag'],
  ['W18', 'foo-1.0-py3..py4-none-any.whl', undefined],
  ['W18', 'foo-1.0-3py-none-any.whl', undefined],
  [
    'W19',
    'foo-1.0.post1-cp313-cp313-manylinux_2_17_x86_64.manylinux2014_x86_64.whl',
    'foo 1.0.post1, 2 tags',
  ],
  ['W20', 'foo-1.0-cp39.cp310-abi3.none-linux_x86_64.any.whl', 'foo 1.0, 8 tags'],
  ['W21', 'numpy-2.3.2-cp313-cp313t-musllinux_1_2_x86_64-x86_64_v3.whl', undefined],
  ['W21', 'numpy-2.3.2-cp313-cp313t-musllinux_1_2_x86_64-null.whl', undefined],
  ['W22', `-1.0-${pure}`, undefined],
  ['W22', `foo~x-1.0-${pure}`, undefined],
  ['W23', `fóo-1.0-${pure}`, undefined],
  ['W24', `foo-1.0-${pure}.metadata`, undefined],
  ['paths', `foo-1.0-py3-none-a/y.whl`, undefined],
  ['spaces', `foo- 1.0-${pure}`, undefined],
]

for (const [row, filename, summary] of wheels) {
  test(`${row}: ${filename} is ${summary ?? 'no wheel'}`, () => {
    assert.equal(summarizeWheel(filename), summary)
  })
}

test('a wheel keeps the spelling of its name and version', () => {
  const wheel = parseWheelFilename(`Foo.Bar-v1!02.0-${pure}`)!
  assert.deepEqual([wheel.nameText, wheel.versionText], ['Foo.Bar', 'v1!02.0'])
  assert.deepEqual(wheel.tags, { python: ['py3'], abi: ['none'], platform: ['any'] })
})

/** The same without a project, and on the page of one. */
const sdists: readonly [
  row: string,
  filename: string,
  project: string | undefined,
  summary: string | undefined,
][] = [
  ['S1', 'foo_bar-1.0.tar.gz', undefined, 'foo-bar 1.0'],
  ['S1', 'foo-bar-1.0.tar.gz', undefined, 'foo-bar 1.0'],
  ['S1', 'Foo.Bar-1.0.zip', undefined, 'foo-bar 1.0'],
  ['S2', 'python-dateutil-2.8.2.tar.gz', undefined, 'python-dateutil 2.8.2'],
  ['S3', 'zope.interface-5.0.0.tar.gz', undefined, 'zope-interface 5.0.0'],
  ['S4', 'foo-2-1.0.tar.gz', undefined, 'foo-2 1.0'],
  ['S5', 'foo-1.0-1.tar.gz', undefined, 'foo-1-0 1'],
  ['S6', 'foo-1.0-1.tar.gz', 'foo', 'foo 1.0.post1'],
  ['S7', 'a-1-1.tar.gz', undefined, 'a-1 1'],
  ['S7', 'a-1-1.tar.gz', 'a', 'a 1.post1'],
  ['S8', 'foo-1.0-post1.tar.gz', undefined, undefined],
  ['S8', 'foo-1.0-post1.tar.gz', 'foo', 'foo 1.0.post1'],
  ['S9', 'foo-1.0+local.tar.gz', undefined, 'foo 1.0+local'],
  ['S10', 'foo-2024.01.tar.gz', undefined, 'foo 2024.1'],
  ['S11', 'foo.tar.gz', undefined, undefined],
  ['S11', '-1.0.tar.gz', undefined, undefined],
  ['S11', 'foo-.tar.gz', undefined, undefined],
  ['S11', 'foo-bar.tar.gz', undefined, undefined],
  ['S12', 'foo-1.0.tgz', undefined, undefined],
  ['S12', 'foo-1.0.tar.bz2', undefined, undefined],
  ['S12', 'foo-1.0.tar', undefined, undefined],
  ['S12', 'foo-1.0.TAR.GZ', undefined, undefined],
  ['S13', 'foo-1.0.linux-x86_64.tar.gz', undefined, undefined],
  ['another project', 'foo-1.0.tar.gz', 'bar', 'foo 1.0'],
  ['paths', '../foo-1.0.tar.gz', undefined, undefined],
]

for (const [row, filename, project, summary] of sdists) {
  const place = project === undefined ? '' : ` on ${project}`
  test(`${row}: ${filename}${place} is ${summary ?? 'no sdist'}`, () => {
    const sdist = parseSdistFilename(filename, project)
    assert.equal(sdist && `${sdist.name} ${printVersion(sdist.version)}`, summary)
  })
}

/** Kind, package type, and the version that a project's page lists for it. */
const files: readonly [
  row: string,
  filename: string,
  project: string,
  kind: string,
  type: string,
  version: string | undefined,
][] = [
  ['S14', 'foo-1.0-py3.9.egg', 'foo', 'legacy', 'bdist_egg', '1.0'],
  ['S14', 'foo-1.0.win32-py2.7.exe', 'foo', 'legacy', 'bdist_wininst', '1.0'],
  ['wheel', `foo-01.0-${pure}`, 'foo', 'wheel', 'bdist_wheel', '1.0'],
  ['W10', `foo-bar-1.0-${pure}`, 'foo-bar', 'legacy', 'bdist_wheel', '1.0'],
  ['W12', 'foo-1.0-py3-none-any.WHL', 'foo', 'legacy', 'bdist_wheel', '1.0'],
  ['sdist', 'foo-2024.01.tar.gz', 'foo', 'sdist', 'sdist', '2024.1'],
  ['S6', 'foo-1.0-1.tar.gz', 'foo', 'sdist', 'sdist', '1.0.post1'],
  ['S12', 'foo-1.0.tar.bz2', 'foo', 'legacy', 'sdist', '1.0'],
  ['S12', 'foo-1.0.TAR.GZ', 'foo', 'legacy', 'sdist', '1.0'],
  ['S12', 'foo-bar-1.0rc-1.tgz', 'foo-bar', 'legacy', 'sdist', '1.0rc1'],
  ['S13', 'foo-1.0.linux-x86_64.tar.gz', 'foo', 'legacy', 'bdist_dumb', '1.0'],
  ['egg', 'foo_bar-1.0-py2.7-macosx-10.9-x86_64.egg', 'foo-bar', 'legacy', 'bdist_egg', '1.0'],
  ['msi', 'foo-1.0.win-amd64-py3.2.msi', 'foo', 'legacy', 'bdist_msi', '1.0'],
  ['rpm', 'foo-1.0-1.noarch.rpm', 'foo', 'legacy', 'bdist_rpm', '1.0'],
  ['dmg', 'foo-1.0-py2.6-macosx10.5.dmg', 'foo', 'legacy', 'bdist_dmg', '1.0'],
  ['deb', 'foo-1.0-1_all.deb', 'foo', 'legacy', 'bdist_dumb', '1.0'],
  ['docs', 'foo-1.0.doc.zip', 'foo', 'legacy', 'sdist', '1.0'],
  ['no PEP 440', 'foo-2004d.tar.gz', 'foo', 'legacy', 'sdist', '2004d'],
  ['no PEP 440', 'foo-bar-2004d.zip', 'foo', 'legacy', 'sdist', 'bar-2004d'],
  ['no version', 'foo.tar.gz', 'foo', 'legacy', 'sdist', undefined],
  ['another project', 'foo-1.0.tar.gz', 'bar', 'sdist', 'sdist', undefined],
  ['another project', `foo-1.0-${pure}`, 'bar', 'wheel', 'bdist_wheel', undefined],
]

for (const [row, filename, project, kind, type, version] of files) {
  test(`${row}: ${filename} on ${project} is a ${kind} file of ${version ?? 'no known version'}`, () => {
    assert.equal(parseFilename(filename, project)?.kind, kind)
    assert.equal(packageType(filename), type)
    assert.equal(distributionVersion(filename, project), version)
  })
}

test('without a project, a legacy name is split at the last dash before a version', () => {
  const { name, versionText } = parseFilename('foo-bar-1.0-py3.9.egg')!
  assert.deepEqual([name, versionText], ['foo-bar', '1.0'])
  assert.deepEqual(parseFilename('foo-bar.egg'), { kind: 'legacy' })
})

test('signatures, metadata files and paths are no distributions', () => {
  for (const filename of [`foo-1.0-${pure}.metadata`, 'foo-1.0.tar.gz.asc', 'foo.html', '']) {
    assert.equal(parseFilename(filename), undefined, filename)
    assert.equal(packageType(filename), undefined, filename)
  }
  for (const filename of [
    'a/foo-1.0.egg',
    'a\\foo-1.0.egg',
    'foo-1.0\n.egg',
    `${'a'.repeat(600)}-1.zip`,
  ]) {
    assert.equal(parseFilename(filename), undefined, filename)
  }
})

const candidates: readonly [filename: string, projects: readonly string[]][] = [
  [`Foo.Bar-1.0-${pure}`, ['foo-bar']],
  ['foo-bar-1.0.tar.gz', ['foo-bar-1-0', 'foo-bar-1', 'foo-bar', 'foo']],
  ['Foo__Bar.egg', ['foo-bar', 'foo']],
  ['foo-1.0+x.zip', ['foo-1-0-x', 'foo-1-0', 'foo-1', 'foo']],
  ['foo.tar.gz', ['foo']],
  ['-.-', []],
]

for (const [filename, projects] of candidates) {
  test(`${filename} may belong to ${projects.join(', ') || 'no project'}`, () => {
    assert.deepEqual(candidateProjects(filename), projects)
  })
}

test('a file name of a thousand parts has the 40 shortest candidates', () => {
  const projects = candidateProjects(`${'a-'.repeat(1000)}1.0.zip`)

  assert.equal(projects.length, 40)
  assert.deepEqual([projects[0], projects[39]], ['a-'.repeat(40).slice(0, -1), 'a'])
})

const nameText = fc.stringMatching(/^[A-Za-z0-9]{1,4}([._-][A-Za-z0-9]{1,4}){0,3}$/)
const versionPart = fc.constantFrom('1.0', '2024.1', '1.0.post1', '1!2.0rc1', '1.0+local.1')

test('what is named by the standards is read back, and is among its own candidates', () => {
  fc.assert(
    fc.property(nameText, versionPart, (text, version) => {
      const name = normalizeName(text)
      for (const ending of [`-${version}-${pure}`, `-${version}.tar.gz`]) {
        const filename = fileForm(name) + ending
        assert.equal(parseFilename(filename)?.name, name)
        assert.equal(distributionVersion(filename, name), version)
        assert.ok(candidateProjects(filename).includes(name))
      }
      assert.ok(candidateProjects(`${text}-${version}.zip`).includes(name))
    }),
  )
})

function summarizeWheel(filename: string): string | undefined {
  const wheel = parseWheelFilename(filename)
  if (wheel === undefined) return undefined
  const build = wheel.build && `, build ${wheel.build.number} "${wheel.build.tag}"`
  const tags = countTags(wheel.tags)
  return `${wheel.name} ${printVersion(wheel.version)}${build ?? ''}, ${tags} tag${tags > 1 ? 's' : ''}`
}
