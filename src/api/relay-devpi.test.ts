import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isDevpis } from './relay-devpi.ts'

test('what devpi has routes for is passed on', () => {
  for (const [method, path] of [
    ['PUT', '/ada'],
    ['PATCH', '/ada/dev'],
    ['POST', '/ada/dev/'],
    ['PUSH', '/ada/dev'],
    ['DELETE', '/ada/dev/anchor'],
    ['DELETE', '/ada/dev/anchor/1.0'],
    ['POST', '/ada/dev/+f/abc/0123456789abc/anchor-1.0.tar.gz'],
    ['DELETE', '/ada/dev/+e/http_host/anchor-1.0.tar.gz'],
    ['POST', '/root/pypi/+simple/anchor/refresh'],
  ] as const) {
    assert.ok(isDevpis(method, path), `${method} ${path}`)
  }
})

test('what is ours alone is not', () => {
  for (const [method, path] of [
    ['POST', '/ada'],
    ['POST', '/+login'],
    ['POST', '/ada/dev/+edit'],
    ['POST', '/ada/dev/anchor/1.0/+yank'],
    ['PATCH', '/ada/dev/anchor/1.0'],
    ['PUT', '/+import/x'],
    ['DELETE', '/ada/dev/anchor/1.0/more'],
  ] as const) {
    assert.equal(isDevpis(method, path), false, `${method} ${path}`)
  }
})
