/** The options of indexes, and the ways to change them (devpi-http 4.7, 4.8; rows 46 to 58 of its checklist). */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startApi, type Api, type Json } from '../support/api.ts'

const UPSTREAM = 'http://127.0.0.1:9/simple/'

/** Ada's index as it is after the change, or why it was refused. */
async function change(api: Api, json: unknown, query = ''): Promise<Json> {
  const reply = await api.patch(`/ada/dev${query}`, { as: 'ada', json })
  return reply.status === 200 ? reply.result : `${reply.status} ${reply.message}`
}

// devpi-http 12: 48
test('texts are read as lists and switches, names are brought into normal form', async () => {
  await using api = await startApi({ indexes: ['ada/dev'] })

  const made = await api.put('/ada/x', {
    as: 'ada',
    json: {
      volatile: 'No',
      bases: ' /ada/dev/ ,,',
      acl_upload: 'bob, :anonymous:,:Authenticated:,:Group',
      mirror_whitelist: 'The_Foo,*',
      mirror_whitelist_inheritance: 'UNION',
      strict_uploads: 'yes',
      title: '',
      custom_data: { a: 1 },
    },
  })

  assert.deepEqual(made.result, {
    type: 'stage',
    volatile: false,
    bases: ['ada/dev'],
    acl_upload: ['bob', ':ANONYMOUS:', ':AUTHENTICATED:', ':Group'],
    acl_toxresult_upload: [':ANONYMOUS:'],
    mirror_whitelist: ['the-foo', '*'],
    mirror_whitelist_inheritance: 'union',
    strict_uploads: true,
    title: '',
    custom_data: { a: 1 },
  })
})

test('options that an index cannot have are refused, each by its name', async () => {
  await using api = await startApi({ indexes: ['ada/dev'] })
  const before = api.serial
  const many = Array.from({ length: 1001 }, () => 'ada/dev')
  const refusals: [body: unknown, message: RegExp][] = [
    [{ foo: 'bar', baz: 1, x: null }, /unexpected keyword arguments: foo=bar, baz=1, x=None$/],
    [{ mirror_url: UPSTREAM }, /unexpected keyword arguments: mirror_url=/],
    [{ type: 'foo' }, /^unknown index type 'foo'$/],
    [{ type: 7 }, /^unknown index type 7$/],
    [{ type: null }, /^unknown index type None$/],
    [{ volatile: 'maybe' }, /^Unknown boolean value 'maybe'\. .*'volatile'/],
    [{ volatile: 1 }, /^Unknown boolean value 1\./],
    [{ bases: 1 }, /^Unknown list value 1\. .*'bases'/],
    [{ bases: { a: "x'" } }, /^Unknown list value {'a': "x'"}\./],
    [{ bases: 'ada/x,ada/y' }, /^base index 'ada\/x' does not exist, base index 'ada\/y' does/],
    [
      { bases: ['a/b/c', 'ada/x'] },
      /^invalid base index spec: 'a\/b\/c', base index 'ada\/x' does/,
    ],
    [{ bases: ['foo', '\ud800/x', 'a/\0'] }, /'bases'/],
    [{ bases: many }, /^'bases' must have at most 1000 members/],
    [{ acl_upload: [1] }, /^Unknown list member 1 in 'acl_upload'/],
    [{ acl_upload: ['x'.repeat(2000)] }, /in 'acl_upload'/],
    [{ mirror_whitelist: true }, /^Unknown list value True\. .*'mirror_whitelist'/],
    [{ mirror_whitelist_inheritance: 'foo' }, /'foo' for mirror_whitelist_inheritance, must be/],
    [{ title: null }, /^'title' must not be null/],
    [{ description: 'x'.repeat(300_000) }, /^'description' must be at most 262144 characters/],
    [{ index: 'x' }, /unexpected keyword arguments: index=x/],
  ]
  const mirrorRefusals: [body: object, message: RegExp][] = [
    [{ mirror_url: 'ftp://127.0.0.1/' }, /^'mirror_url' option must be a URL/],
    [{ mirror_url: 'http://' }, /^'mirror_url' option/],
    [{ mirror_url: 'http://127.0.0.1/\nx' }, /^'mirror_url' option/],
    [{ mirror_url: 7 }, /^'mirror_url' option/],
    [{ mirror_url: `http://127.0.0.1/${'x'.repeat(5000)}` }, /^'mirror_url' option/],
    [{ mirror_url: 'http://***@127.0.0.1/' }, /blotted out/],
    [{ mirror_cache_expiry: 'soon' }, /^'mirror_cache_expiry' option must be an integer/],
    [
      { mirror_cache_expiry: -1 },
      /^'mirror_cache_expiry' option must be 0 or more seconds, not -1/,
    ],
    [{ mirror_cache_expiry: '-5' }, /option must be 0 or more seconds, not '-5'/],
    [{ mirror_cache_expiry: 1.5 }, /^'mirror_cache_expiry' option must be an integer/],
    [
      { mirror_proxy: 'socks5://127.0.0.1:1080' },
      /^'mirror_proxy' option must be an http:\/\/ or https:\/\/ URL/,
    ],
    [{ mirror_proxy: 'proxy' }, /^'mirror_proxy' option must be a URL/],
    [{ mirror_web_url_fmt: 7 }, /^'mirror_web_url_fmt' option must be a text/],
    [{ mirror_use_external_urls: 'x' }, /'mirror_use_external_urls'/],
    [{ acl_toxresult_upload: 'x' }, /unexpected keyword arguments: acl_toxresult_upload=x/],
  ]

  for (const [json, message] of refusals) {
    const reply = await api.put('/ada/x', { as: 'ada', json })
    assert.equal(reply.status, 400, reply.text)
    assert.match(reply.message ?? '', message)
  }
  for (const [options, message] of mirrorRefusals) {
    const json = { type: 'mirror', mirror_url: UPSTREAM, ...options }
    const reply = await api.put('/ada/x', { as: 'ada', json })
    assert.equal(reply.status, 400, reply.text)
    assert.match(reply.message ?? '', message)
  }
  const huge = await api.put('/ada/x', {
    as: 'ada',
    body: '{"custom_data": {"a": [1e999]}}',
  })
  assert.deepEqual(
    [huge.status, huge.message],
    [400, "'custom_data' must be made of numbers that are not too large."],
  )
  assert.equal(api.serial, before)
})

test('an object changes what it names; a whole answer may be sent back', async () => {
  await using api = await startApi({ indexes: ['ada/dev'] })
  const { result: before } = await api.get('/ada/dev')

  assert.equal((await change(api, { title: 'T' })).title, 'T')
  assert.equal((await change(api, { type: 'stage', index: 'x', volatile: true })).title, 'T')
  const echoed = await api.get('/ada/dev')
  const wrapped = { ...echoed.json, result: { ...echoed.result, volatile: 'False' } }
  const { projects: _none, ...options } = before
  assert.deepEqual(await change(api, wrapped), { ...options, title: 'T' })

  const serial = api.serial
  assert.deepEqual(await change(api, {}), { ...options, title: 'T' })
  assert.equal(api.serial, serial)
})

test('a list of edits sets, adds and takes away', async () => {
  await using api = await startApi({ indexes: ['ada/dev', 'ada/base'] })

  assert.equal((await change(api, ['title=A=B'])).title, 'A=B')
  assert.deepEqual((await change(api, ['acl_upload+=bob', 'acl_upload+=bob'])).acl_upload, [
    'ada',
    'bob',
  ])
  assert.deepEqual((await change(api, ['acl_upload-=ada'])).acl_upload, ['bob'])
  assert.deepEqual((await change(api, ['bases=ada/base'])).bases, ['ada/base'])
  assert.deepEqual((await change(api, ['bases='])).bases, [])
  assert.deepEqual((await change(api, ['mirror_whitelist+=The_Foo'])).mirror_whitelist, ['the-foo'])
  assert.equal((await change(api, ['title-='])).title, undefined)
  assert.deepEqual((await change(api, ['volatile=yes', 'volatile=no'])).volatile, false)
})

// devpi-http 12: 53
test('edits that make no sense are refused, and none of the list is done', async () => {
  await using api = await startApi({ indexes: ['ada/dev'] })
  const before = api.serial
  const refusals: [edits: unknown[], message: RegExp][] = [
    [['title=x', 'acl_upload-=bob'], /^400 The 'acl_upload' setting doesn't have value 'bob'$/],
    [['mirror_whitelist-=x'], /^400 The 'mirror_whitelist' setting doesn't have value 'x'$/],
    [['bases-='], /^400 Default values can't be removed\.$/],
    [['volatile+=x'], /^400 The 'volatile' setting is not a list$/],
    [['nope=1'], /^400 indexconfig got unexpected keyword arguments: nope=1$/],
    [['nope-=1'], /^400 The 'nope' setting doesn't have value '1'$/],
    [['__proto__=1'], /^400 indexconfig got unexpected keyword arguments: __proto__=1$/],
    [['toString+=1'], /^400 indexconfig got unexpected keyword arguments: toString=\['1'\]$/],
    [['type=mirror'], /^400 the 'type' of an index can't be changed$/],
    [['type-='], /^400 the 'type' of an index can't be changed$/],
    [['title'], /^400 'title' is not of the form key=value$/],
    [['=x'], /^400 indexconfig got unexpected keyword arguments: =x$/],
    [[7], /^400 7 is not of the form key=value$/],
    [[null], /^400 None is not of the form key=value$/],
    [Array.from({ length: 1001 }, () => 'title=x'), /^400 at most 1000 changes/],
  ]

  for (const [edits, message] of refusals) assert.match(await change(api, edits), message)
  assert.match(await change(api, { type: 'mirror' }), /^400 the 'type' of an index/)
  assert.match(await change(api, 'title=x'), /^400 Bad request: the body must be a JSON object$/)
  assert.match(await change(api, null), /^400 Bad request: the body must be a JSON object$/)
  assert.equal(api.serial, before)
})

// devpi-http 12: 57
test('whoever asks for it hears that a change changes nothing', async () => {
  await using api = await startApi({ indexes: ['ada/dev'] })
  const refusal = '400 The requested modifications resulted in no changes'

  const all = (await change(api, {})) as object
  assert.equal(await change(api, all, '?error_on_noop'), refusal)
  assert.deepEqual(await change(api, { volatile: false }, '?error_on_noop'), all)
  assert.equal(await change(api, ['volatile=False'], '?error_on_noop='), refusal)
  assert.equal((await change(api, ['title=x'], '?error_on_noop')).title, 'x')
})

// devpi-http 12: 58
test('a removed base is passed over, and in the way of a list of edits until one takes it away', async () => {
  await using api = await startApi({ indexes: ['ada/dev'] })
  await api.makeIndex('ada/base', { volatile: true })
  await change(api, { bases: ['ada/base'] })
  await api.del('/ada/base', { as: 'ada' })

  assert.deepEqual((await api.get('/ada/dev')).result.bases, ['ada/base'])
  assert.equal((await api.get('/ada/dev/+simple/', { accept: '' })).status, 200)
  assert.equal(await change(api, ['title=x']), "400 base index 'ada/base' does not exist")
  assert.equal((await change(api, { title: 'x' })).title, 'x')
  assert.deepEqual((await change(api, ['bases-=ada/base', 'title=y'])).bases, [])
})
