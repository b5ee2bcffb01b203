import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pathMatcher } from './path-match.ts'

const isRoutable = pathMatcher(
  ['/', '/:user', '/:user/:index/:project/:version', '/:user/:index/+f/*', '/+api'].map((path) => ({
    path,
  })),
)

test('names have no + in them, versions and file paths may', () => {
  for (const path of ['/', '/a', '/a/b/c/1+0', '/a/b/+f/x/y+z', '/+api']) {
    assert.ok(isRoutable(path), path)
  }
  for (const path of ['', '//', '/+a', '/a+', '/a/b/+c/1', '/a/b/c/1/2', '/+apis', '/x/+api']) {
    assert.ok(!isRoutable(path), path)
  }
})
