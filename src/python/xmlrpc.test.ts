import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { parseXmlRpcCall, printXmlRpcAnswer, printXmlRpcFault, UnreadableCall } from './xmlrpc.ts'

const call = (params: string, method = 'search') =>
  `<?xml version='1.0'?>\n<methodCall><methodName>${method}</methodName>${params}</methodCall>`
const param = (value: string) => `<params><param><value>${value}</value></param></params>`
const read = (value: string) => parseXmlRpcCall(call(param(value))).params[0]

test('a call is read as Python writes it', () => {
  const text = call(
    `<params>\n<param>\n<value><struct>\n<member>\n<name>name</name>\n<value><array><data>\n` +
      `<value><string>a &amp; b</string></value>\n</data></array></value>\n</member>\n</struct></value>\n</param>\n` +
      `<param>\n<value><string>or</string></value>\n</param>\n</params>`,
  )

  assert.deepEqual(parseXmlRpcCall(text), {
    method: 'search',
    params: [{ name: ['a & b'] }, 'or'],
  })
  assert.deepEqual(parseXmlRpcCall(call('')).params, [])
})

test('values have their types; a text needs none', () => {
  assert.equal(read('plain'), 'plain')
  assert.equal(read('<int>-7</int>'), -7)
  assert.equal(read('<i8> 12 </i8>'), 12)
  assert.equal(read('<double>1.5</double>'), 1.5)
  assert.equal(read('<boolean>1</boolean>'), true)
  assert.equal(read('<nil/>'), null)
})

for (const [what, text] of [
  ['nothing', ''],
  ['no XML', 'search(name)'],
  ['another document', '<html></html>'],
  ['a call without a method', '<methodCall><params/></methodCall>'],
  ['a document type', `<!DOCTYPE x [<!ENTITY a "aaaa">]>${call(param('&a;'))}`],
  ['a processing instruction', `<?php echo ?>${call('')}`],
  ['open ends', '<methodCall><methodName>search</methodName>'],
  ['crossing ends', '<methodCall><methodName>search</methodCall></methodName>'],
  ['a parameter without a value', call('<params><param/></params>')],
  ['a number that is none', call(param('<int>1e9</int>'))],
  ['an unknown type', call(param('<dateTime.iso8601>19980717T14:08:55</dateTime.iso8601>'))],
  ['a struct without names', call(param('<struct><member><value/></member></struct>'))],
  ['a deep nesting', call(param('<array><data><value>'.repeat(2000)))],
  ['many elements', call(`<params>${'<param><value/></param>'.repeat(6000)}</params>`)],
] as const) {
  test(`${what} is refused`, () => {
    assert.throws(() => parseXmlRpcCall(text), UnreadableCall)
  })
}

test('an entity that only a document type could declare stays as it is', () => {
  assert.equal(read('&lol;'), '&lol;')
})

test('answers and faults are printed; what XML cannot have is left out', () => {
  const answer = printXmlRpcAnswer([{ name: '<a>', n: 1, d: 0.5, yes: true, none: null }])

  assert.match(answer, /^<\?xml version='1\.0' encoding='utf-8'\?>\n<methodResponse>\n<params>/)
  assert.ok(answer.includes('<name>name</name>\n<value><string>&lt;a&gt;</string></value>'))
  assert.ok(answer.includes('<value><int>1</int></value>'))
  assert.ok(answer.includes('<value><double>0.5</double></value>'))
  assert.ok(answer.includes('<value><boolean>1</boolean></value>'))
  assert.ok(answer.includes('<value><nil/></value>'))
  assert.ok(printXmlRpcAnswer('a\0b\u001f\ud800c').includes('<string>ab�c</string>'))
  const fault = printXmlRpcFault(1, 'no')
  assert.match(fault, /<fault>\n<value><struct>\n<member>\n<name>faultCode<\/name>/)
})

test('whatever is sent is read or refused', () => {
  const piece = fc.constantFrom(
    '<methodCall>',
    '</methodCall>',
    '<methodName>',
    '<param>',
    '<value>',
    '</value>',
    '<![CDATA[',
    ']]>',
    '<!--',
    '&#x110000;',
    '&#0;',
    '<a b="c',
    '\0',
  )
  const text = fc.array(fc.oneof(piece, fc.string()), { maxLength: 30 })

  fc.assert(
    fc.property(text, (pieces) => {
      try {
        parseXmlRpcCall(pieces.join(''))
      } catch (error) {
        assert.ok(error instanceof UnreadableCall)
      }
    }),
  )
})
