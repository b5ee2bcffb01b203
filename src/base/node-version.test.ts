import assert from 'node:assert/strict'
import { test } from 'node:test'
import { tellIfTooOld } from './node-version.ts'

for (const version of ['24.15.0', '24.21.1', '25.0.0', '26.10.0', '100.0.0']) {
  test(`Node ${version} will do`, () => assert.equal(tellIfTooOld(version), undefined))
}

for (const version of ['24.14.9', '24.2.0', '22.20.0', '20.20.2', '9.0.0', '0.12']) {
  test(`Node ${version} is too old`, () => {
    assert.match(tellIfTooOld(version) ?? '', /needs Node\.js 24\.15 or newer; this is /)
  })
}
