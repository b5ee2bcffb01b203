import assert from 'node:assert/strict'
import { test } from 'node:test'
import { metadataField, parseMetadata } from './metadata.ts'

const parse = (text: string | Uint8Array) => parseMetadata(Buffer.from(text as string))
const head = 'Metadata-Version: 2.1\nName: anchor\nVersion: 1.0\n'

test('fields are found by lower-case name, in the order of the file', () => {
  const metadata = parse(`${head}requires-dist: rope>=1\nRequires-Dist:  chain ; extra == "x"\n`)

  assert.deepEqual(metadata.fields.get('requires_dist'), ['rope>=1', 'chain ; extra == "x"'])
  assert.equal(metadataField(metadata, 'name'), 'anchor')
  assert.equal(metadataField(metadata, 'requires_python'), undefined)
  assert.equal(metadata.description, undefined)
  assert.deepEqual(metadata.problems, [])
})

test('lines may end in LF or CRLF', () => {
  const metadata = parse('Metadata-Version: 2.1\r\nName: anchor\r\nVersion: 1.0\r\n\r\nHeavy.\r\n')

  assert.equal(metadataField(metadata, 'version'), '1.0')
  assert.equal(metadata.description, 'Heavy.\r\n')
  assert.deepEqual(metadata.problems, [])
})

test('an empty field counts as absent', () => {
  assert.equal(metadataField(parse(`${head}Requires-Python: \n`), 'requires_python'), undefined)
})

test('what follows the first empty line is the description, colons and all', () => {
  const metadata = parse(`${head}\nName: not a field\n\nmore`)

  assert.equal(metadata.description, 'Name: not a field\n\nmore')
  assert.equal(metadata.fields.has('description'), false)
})

for (const [style, prefix] of [
  ['bars', '       |'],
  ['spaces', '        '],
]) {
  test(`a Description header loses the ${style} before its lines`, () => {
    const metadata = parse(
      `${head}Description: one\n${prefix}two\n${prefix}  three\nLicense: MIT\n`,
    )

    assert.equal(metadata.description, 'one\ntwo\n  three')
    assert.equal(metadataField(metadata, 'license'), 'MIT')
  })
}

const broken: [what: string, text: string | Uint8Array, problem: RegExp][] = [
  ['no fields at all', '', /Metadata-Version is missing/],
  ['a missing name', 'Metadata-Version: 2.1\nVersion: 1\n', /Name is missing/],
  ['a byte-order mark', `\u{feff}${head}`, /not well-formed/],
  ['a single-use field given twice', `${head}Name: boat\n`, /Name is given more than once/],
  ['two descriptions', `${head}Description: a\n\nb`, /description is given twice/],
  ['a line that is no field', `${head}what is this\nSummary: x\n`, /not well-formed/],
  [
    'bytes that are no text',
    Buffer.from(`${head}\n\xff\xfe`, 'latin1'),
    /description is not UTF-8/,
  ],
]
for (const [what, text, problem] of broken) {
  test(`${what} is told as a problem`, () => {
    assert.match(parse(text).problems.join('\n'), problem)
  })
}

test('one field that is not UTF-8 does not spoil the others', () => {
  const bytes = Buffer.concat([
    Buffer.from('Metadata-Version: 2.1\nName: anchor\nAuthor: '),
    Buffer.from('André', 'latin1'),
    Buffer.from('\nSummary: schön ☃\nVersion: 1\n'),
  ])
  const metadata = parseMetadata(bytes)

  assert.equal(metadataField(metadata, 'summary'), 'schön ☃')
  assert.equal(metadataField(metadata, 'author'), undefined)
  assert.deepEqual(metadata.problems, ['The field Author is not UTF-8.'])
})

test('fields of many values may repeat', () => {
  const metadata = parse(
    `${head}Classifier: A\nClassifier: B\nProject-URL: x, y\nProject-URL: z, y\n`,
  )

  assert.deepEqual(metadata.problems, [])
})
