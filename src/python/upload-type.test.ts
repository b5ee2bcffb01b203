/** The answers of devpi-common 4.1 for names of all kinds. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { uploadType } from './upload-type.ts'

const types = {
  'foo-1.0.zip': ['source', 'sdist'],
  'foo-1.0.tar.gz': ['source', 'sdist'],
  'foo-1.0.tgz': ['source', 'sdist'],
  'foo-1.0.tar.bz2': ['any', 'bdist_dumb'],
  'foo-1.0-py3-none-any.whl': ['3', 'bdist_wheel'],
  'foo-1.0-py2.py3-none-any.whl': ['2.7', 'bdist_wheel'],
  'foo-1.0-cp311-cp311-manylinux_2_17_x86_64.whl': ['3.11', 'bdist_wheel'],
  'foo-1.0-1-py3-none-any.whl': ['3', 'bdist_wheel'],
  'foo-1.0-pp310-pypy310_pp73-win_amd64.whl': ['3.10', 'bdist_wheel'],
  'foo-1.0-py2.7.egg': ['2.7', 'bdist_egg'],
  'foo-1.0-py3.11-linux-x86_64.egg': ['3.11', 'bdist_egg'],
  'foo-1.0.win32-py2.7.exe': ['2.7', 'bdist_wininst'],
  'foo-1.0.win32.exe': ['any', 'bdist_dumb'],
  'foo-1.0.win-amd64-py3.4.msi': ['3.4', 'bdist_msi'],
  'foo-1.0-1.noarch.rpm': ['any', 'bdist_dumb'],
  'foo-1.0.linux-x86_64.tar.gz': ['any', 'bdist_dumb'],
  'foo.exe': ['any', 'bdist_dumb'],
} as const

for (const [filename, [pyversion, filetype]] of Object.entries(types)) {
  test(`${filename} is uploaded as ${filetype} of ${pyversion}`, () => {
    assert.deepEqual(uploadType(filename), { filetype, pyversion })
  })
}
