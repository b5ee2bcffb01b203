/** Markers, with what is unknown and what is known. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseWheelFilename } from './filename.ts'
import { mayHold } from './marker.ts'
import { markerValues, parsePython, takesWheel, type Target } from './target.ts'

const linux: Target = { python: parsePython('3.11'), platform: 'manylinux_2_28_x86_64' }
const anywhere: Target = { python: undefined, platform: undefined }
const holds = (marker: string, target = linux, extras: readonly string[] = []) =>
  mayHold(marker, markerValues(target, extras))

test('a marker is judged by Python, platform and extras', () => {
  assert.equal(holds('python_version >= "3.9" and sys_platform == "linux"'), true)
  assert.equal(holds("python_version < '3.9' or platform_system == 'Windows'"), false)
  assert.equal(holds("'3.10' <= python_version"), true)
  assert.equal(holds("python_full_version <= '3.11.0a6'"), false)
  assert.equal(holds("(extra == 'Fibre_Glass') and os_name == 'posix'"), false)
  assert.equal(holds("extra == 'Fibre_Glass'", linux, ['fibre-glass']), true)
  assert.equal(holds("platform_machine not in 'arm64 aarch64'"), true)
  assert.equal(holds("'linux' in sys_platform"), true)
})

test('what is unknown may hold, whichever way it is asked', () => {
  for (const operator of ['==', '!=']) {
    assert.equal(holds(`sys_platform ${operator} "win32"`, anywhere), true)
  }
})

test('what is no marker has no answer', () => {
  for (const text of ['', 'os_name ==', '"a" == "b"', `${'('.repeat(1000)}os_name == "a"`, '!']) {
    assert.equal(holds(text), undefined, text)
  }
})

test('wheels are taken by Python, ABI and the age of the C library', () => {
  const takes = (tag: string, target = linux): boolean =>
    takesWheel(target, parseWheelFilename(`a-1-${tag}.whl`)!.tags)
  const taken = [
    'py3-none-any',
    'py2.py3-none-any',
    'cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64',
    'cp37-abi3-manylinux1_x86_64',
    'py310-none-linux_x86_64',
  ]
  const refused = [
    'py2-none-any',
    'cp312-cp312-manylinux_2_17_x86_64',
    'cp312-abi3-manylinux_2_17_x86_64',
    'cp310-cp310-manylinux_2_17_x86_64',
    'cp311-cp311-manylinux_2_34_x86_64',
    'cp311-cp311-manylinux_2_17_aarch64',
    'cp311-cp311-musllinux_1_2_x86_64',
    'cp311-cp311-win_amd64',
  ]
  assert.deepEqual(
    taken.filter((tag) => !takes(tag)),
    [],
  )
  assert.deepEqual(
    refused.filter((tag) => takes(tag)),
    [],
  )
  const mac = { python: parsePython('3.12'), platform: 'macosx_14_0_arm64' }
  assert.equal(takes('cp312-cp312-macosx_11_0_universal2', mac), true)
  assert.equal(takes('cp312-cp312-macosx_15_0_arm64', mac), false)
})
