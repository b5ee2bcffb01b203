import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pairFiles } from './file-differences.ts'
import { normalizeName } from './name.ts'

const project = normalizeName('anchor')
const files = (...names: string[]) => names.map((filename) => ({ filename }))

test('files are paired by kind and tags', () => {
  const pairs = pairFiles(
    project,
    files(
      'anchor-1.0.tar.gz',
      'anchor-1.0-py2.py3-none-any.whl',
      'anchor-1.0-cp311-cp311-win32.whl',
      'anchor-1.0-py2.7.egg',
    ),
    files(
      'anchor-1.1.0.tar.gz',
      'anchor-1.1.0.zip',
      'anchor-1.1.0-2-cp311-cp311-win32.whl',
      'anchor-1.1.0-py3-none-any.whl',
    ),
  )

  assert.deepEqual(
    pairs.map(({ what, before, after }) => [what, before?.filename, after?.filename]),
    [
      ['.tar.gz', 'anchor-1.0.tar.gz', 'anchor-1.1.0.tar.gz'],
      ['.zip', undefined, 'anchor-1.1.0.zip'],
      [
        'cp311-cp311-win32',
        'anchor-1.0-cp311-cp311-win32.whl',
        'anchor-1.1.0-2-cp311-cp311-win32.whl',
      ],
      ['py2.7.egg', 'anchor-1.0-py2.7.egg', undefined],
      ['py2.py3-none-any', 'anchor-1.0-py2.py3-none-any.whl', undefined],
      ['py3-none-any', undefined, 'anchor-1.1.0-py3-none-any.whl'],
    ],
  )
})

test('what has no version in its name is paired by the name alone', () => {
  const pairs = pairFiles(project, files('odd.exe'), files('odd.exe', 'other.bin'))

  assert.deepEqual(
    pairs.map(({ what, before }) => [what, before?.filename]),
    [
      ['odd.exe', 'odd.exe'],
      ['other.bin', undefined],
    ],
  )
})
