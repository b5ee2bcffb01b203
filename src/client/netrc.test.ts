import assert from 'node:assert/strict'
import { test } from 'node:test'
import { makeTempFolder } from '../../test/support/temp.ts'
import { findLogin, withNetrc } from './netrc.ts'

const text = `# login root password no
machine one.example.org login ada password s:e/cret
machine two.example.org
  login bea
  password two
default login anonymous password guest
`

test('a host has the login of its own machine, else the default', () => {
  assert.deepEqual(findLogin(text, 'one.example.org'), { user: 'ada', password: 's:e/cret' })
  assert.deepEqual(findLogin(text, 'two.example.org'), { user: 'bea', password: 'two' })
  assert.deepEqual(findLogin(text, 'three.example.org'), { user: 'anonymous', password: 'guest' })
  assert.equal(findLogin('machine a login b password c', 'b'), undefined)
})

test('an address gets the login of $NETRC or of the home folder, and keeps one that it has', async () => {
  await using home = await makeTempFolder('netrc')
  await home.write('.netrc', text)
  await home.write('other', 'machine one.example.org login eve password x')
  const address = new URL('https://one.example.org/ada/dev')
  const env = { HOME: home.path }

  const found = await withNetrc(address, env)
  const other = await withNetrc(address, { ...env, NETRC: home.join('other') })
  const own = await withNetrc(new URL('https://eve:x@one.example.org/'), env)

  assert.equal(found.href, 'https://ada:s%3Ae%2Fcret@one.example.org/ada/dev')
  assert.equal(other.username, 'eve')
  assert.equal(own.username, 'eve')
  assert.equal((await withNetrc(address, {})).username, '')
})
