/** The borders that `npm run check` holds. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { findForbiddenText } from '../../scripts/forbidden-text.ts'
import { findImportProblems } from '../../scripts/layers.ts'

const allowed: readonly [path: string, specifier: string][] = [
  ['src/api/simple.ts', '#registry/access'],
  ['src/api/simple.ts', './parts.ts'],
  ['src/ledger/backends/sqlite.ts', '../backend.ts'],
  ['src/app.ts', '#ledger/backends/sqlite'],
  ['src/app-search.ts', '#blobs/backends/filesystem'],
  ['src/app.ts', './config.ts'],
  ['src/config.ts', './config-settings.ts'],
  ['src/config.ts', '#base/duration'],
  ['src/cli/serve.ts', '#app'],
  ['src/cli/admin/passwd.ts', '#config-settings'],
  ['src/registry/files.test.ts', '#ledger/backends/sqlite'],
  ['src/registry/files.test.ts', '../../test/support/temp.ts'],
  ['src/http/reply.ts', 'fastify'],
  ['test/api/users.test.ts', '../../src/app.ts'],
  ['bin/wheelyard.ts', '../src/cli/main.ts'],
]

for (const [path, specifier] of allowed) {
  test(`${path} may import ${specifier}`, () => {
    assert.deepEqual(findImportProblems({ path, text: `import { x } from '${specifier}'\n` }), [])
  })
}

const refused: readonly [path: string, specifier: string, because: RegExp][] = [
  ['src/registry/files.ts', '#http/reply', /registry may not import http/],
  ['src/registry/files.ts', '#api/files', /registry may not import api/],
  ['src/simple/render.ts', '#mirror/mirrors', /simple may not import mirror/],
  ['src/base/log.ts', '#python/name', /base may not import python/],
  ['src/api/simple.ts', '#ledger/backends/sqlite', /private/],
  ['src/api/simple.ts', '../registry/access.ts', /leaves its layer/],
  ['src/api/simple.ts', '../../test/support/wheel.ts', /leaves its layer/],
  ['src/api/simple.ts', '#api/parts', /its own layer/],
  ['src/cli/commands/use.ts', '#app', /cli may not import app/],
  ['src/registry/files.test.ts', '#api/files', /registry may not import api/],
  ['src/elsewhere/x.ts', '#base/log', /missing from the table/],
  ['src/api/simple.ts', '#elsewhere/x', /no layer elsewhere/],
]

for (const [path, specifier, because] of refused) {
  test(`${path} may not import ${specifier}`, () => {
    const forms = [
      `import type { X } from '${specifier}'`,
      `const x = await import('${specifier}')`,
    ]

    for (const text of [...forms, `export { x } from '${specifier}'`, `import '${specifier}'`]) {
      assert.match(findImportProblems({ path, text }).join('\n'), because)
    }
  })
}

test('a public registry is named in no file, a path of one machine neither', () => {
  const host = ['files.', 'python', 'hosted', '.org'].join('')
  const path = ['', 'work', 'main'].join('/')

  const problems = findForbiddenText({ path: 'docs/start.md', text: `fine\n${host}\ncd ${path}\n` })

  assert.equal(problems.length, 2)
  assert.match(problems.join('\n'), /start\.md:2: .*registry[^]*start\.md:3: .*machine/)
})

test('the paths of an index server are no paths of a machine', () => {
  const text = "yard.url('/root/pypi/+simple/') http://127.0.0.1:3141/work/dev/"

  assert.deepEqual(findForbiddenText({ path: 'docs/start.md', text }), [])
})

test('only bin and the configuration read the environment', () => {
  const text = 'process.env'
  const isRefused = (path: string): boolean => findForbiddenText({ path, text }).length > 0

  assert.deepEqual(
    ['src/api/files.ts', 'src/config-sources.ts', 'src/config.ts', 'bin/wheelyard.ts'].map(
      isRefused,
    ),
    [true, false, false, false],
  )
})
