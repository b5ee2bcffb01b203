import assert from 'node:assert/strict'
import { test } from 'node:test'
import { partsOf, readEntry } from './changelog.ts'
import { NotDevpi, type PythonValue } from './values.ts'

const change = (keyname: string, relpath: string) => ({ keyname, relpath, value: null })

test('an entry holds changes by path, of keys that nobody here knows too', () => {
  const changes = new Map<PythonValue, PythonValue>([
    ['ada/.config', ['USER', -1, null]],
    ['+admin/tokens/1', ['TOKEN', 3, 'opaque']],
  ])

  assert.deepEqual(readEntry(7, changes), {
    serial: 7,
    changes: [
      { keyname: 'USER', relpath: 'ada/.config', value: null },
      { keyname: 'TOKEN', relpath: '+admin/tokens/1', value: 'opaque' },
    ],
  })
})

test('the changelog of devpi-server 7 is told as such, and what is none is refused', () => {
  assert.throws(() => readEntry(0, [['USER', 'ada', 1, null, -1, null]]), /devpi-server 7/)
  for (const changes of [null, 'text', new Map([['a', 'b']]), new Map([['a', [1, 2, 3]]])]) {
    assert.throws(() => readEntry(0, changes as PythonValue), NotDevpi)
  }
  assert.throws(() => readEntry('0', new Map()), NotDevpi)
})

test('the path of a key says what it is about', () => {
  const release = change('PROJVERSION', 'ada/dev/anchor/1.0/.config')
  const file = change('STAGEFILE', 'ada/dev/+f/fb4/28d788e6efaec/anchor-1.0.zip')

  assert.deepEqual(partsOf(release), ['ada/dev', 'anchor', '1.0'])
  assert.deepEqual(partsOf(file), ['ada/dev', '+f/fb4/28d788e6efaec', 'anchor-1.0.zip'])
  assert.equal(partsOf(change('PROJVERSION', 'ada/dev/.config')), undefined)
  assert.equal(partsOf(change('TOKEN', '+admin/tokens/1')), undefined)
})
