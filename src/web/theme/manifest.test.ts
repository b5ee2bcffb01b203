import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readManifest } from './manifest.ts'

const mistakesIn = (source: string): readonly string[] => readManifest(source).mistakes

test('all that a theme can say', () => {
  const { manifest, mistakes } = readManifest(`
    name = "acme"
    extends = "paper"
    title = "Acme packages"
    logo = "acme.svg"
    styles = ["wide/tables.css"]
    front-page = "Ask **Ada**."
    [[header-links]]
    title = "Handbook"
    address = "https://handbook.example/"
    [[footer-links]]
    title = "Status"
    address = "/+status"
  `)

  assert.deepEqual(mistakes, [])
  assert.deepEqual(manifest, {
    name: 'acme',
    description: undefined,
    author: undefined,
    extends: 'paper',
    title: 'Acme packages',
    logo: 'acme.svg',
    icon: undefined,
    styles: ['wide/tables.css'],
    scripts: [],
    'front-page': 'Ask **Ada**.',
    'header-links': [{ title: 'Handbook', address: 'https://handbook.example/' }],
    'footer-links': [{ title: 'Status', address: '/+status' }],
  })
})

test('a mistake is told with its line, and counts as not said', () => {
  const { manifest, mistakes } = readManifest('title = "A"\n\nname = "Acme Ltd"\ntitel = "B"\n')

  assert.deepEqual(mistakes, [
    'line 4: titel is no key; did you mean title?',
    'line 3: name must be small letters, digits and dashes, such as acme',
  ])
  assert.equal(manifest.name, undefined)
  assert.equal(manifest.title, 'A')
})

test('what is no TOML is told with line and column', () => {
  assert.match(mistakesIn('title = "A"\nlogo = \n')[0] ?? '', /^line 2, column \d+: /)
})

test('files stay below static/, and links lead to pages', () => {
  for (const name of [
    '../secret',
    '/etc/passwd',
    'a/../../b',
    'https://a.example/x.svg',
    '..\\x',
  ]) {
    assert.match(mistakesIn(`logo = '${name}'`)[0] ?? '', /line 1: logo must be a file below/, name)
  }
  for (const address of ['javascript:alert(1)', '//evil.example', 'data:text/html,x', 'page']) {
    const source = `[[footer-links]]\ntitle = "x"\naddress = "${address}"\n`
    assert.match(mistakesIn(source)[0] ?? '', /line 1: footer-links leads to/, address)
  }
  assert.match(mistakesIn('header-links = [{ title = "x" }]')[0] ?? '', /title and an address/)
  assert.match(mistakesIn('styles = "x.css"')[0] ?? '', /styles must be a list/)
})
