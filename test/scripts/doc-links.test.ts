/** The links in our pages lead somewhere. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { findLinkProblems } from '../../scripts/doc-links.ts'

const pages = [
  { path: 'README.md', text: '' },
  { path: 'docs/start.md', text: '# Start\n## What `pip` reads, & why\n## Start\n' },
]
const check = (text: string): string[] =>
  findLinkProblems([{ path: 'docs/page.md', text }, ...pages], (path) =>
    pages.some((page) => page.path === path),
  )

test('links to files and headings that exist are fine', () => {
  const links = ['../README.md', 'start.md', 'start.md#what-pip-reads--why', 'start.md#start-1']

  assert.deepEqual(check(links.map((link) => `[x](${link})`).join(' ')), [])
})

test('links to other sites and links in code are left alone', () => {
  assert.deepEqual(check('[x](https://example.org/y) `[a](b)`\n```\n[x](nowhere.md)\n```\n'), [])
})

test('links to missing files and headings are problems', () => {
  assert.deepEqual(check('[x](other.md)\n[y](start.md#no-such)'), [
    'docs/page.md: the link other.md leads nowhere',
    'docs/page.md: the link start.md#no-such names no heading',
  ])
})
