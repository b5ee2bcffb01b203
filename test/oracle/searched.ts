/** Projects with metadata and documentation, and what is searched for among them. */
import { makeDocs, type DocsZip } from '../support/docs.ts'
import { makeZip } from '../support/zip.ts'
import { asDocs } from '../support/docs.ts'

export interface Documented {
  readonly index: string
  readonly fields: Readonly<Record<string, string | readonly string[]>> & { readonly name: string }
  readonly docs?: DocsZip
}

const page = (title: string, text: string): string =>
  `<html><head><title>${title}</title></head><body><h1>${title}</h1><p>${text}</p></body></html>`

const data = (title: string, text: string, path: string): string =>
  JSON.stringify({ title, body: `<p>${text}</p>`, current_page_name: path })

export const documented: readonly Documented[] = [
  {
    index: 'ada/dev',
    fields: {
      name: 'pytest-sail',
      summary: 'Sails through your test suites with pytest',
      description: 'A plugin for pytest. It collects tests, runs them, and raises ValueError.',
      keywords: 'testing plugin',
      author: 'Ada Lovelace',
      author_email: 'ada@example.com',
      classifiers: ['Framework :: Pytest', 'Programming Language :: Python :: 3'],
    },
    docs: makeDocs({
      'index.html': page('Sailing', 'Welcome to the documentation of pytest-sail.'),
      'usage.html': page('Usage', 'Call <code>sail.run()</code>; a ValueError tells of bad wind.'),
      'api.html': page('Reference', 'class Sail, function hoist_sail, function os.path.join'),
    }),
  },
  {
    index: 'ada/dev',
    fields: {
      name: 'Big_Boat',
      summary: 'Floats on water',
      description: 'The hull is made of steel. Wind moves the boat, and so does its engine.',
      keywords: 'ship yacht',
      author: 'Grace Hopper',
      classifiers: ['Topic :: Games/Entertainment', 'Programming Language :: Python :: 3'],
    },
  },
  {
    index: 'ada/other',
    fields: {
      name: 'Big_Boat',
      version: '1.0',
      summary: 'An older boat of wood',
      description: 'Rows and rows.',
      keywords: 'ship',
    },
  },
  {
    index: 'bob/dev',
    fields: {
      name: 'devpi-client',
      summary: 'devpi upload/install/... workflow commands for Python developers',
      description: 'Commands for uploading, testing and staging packages, and some anchors.',
      keywords: 'packaging',
      author: 'Holger',
    },
    docs: asDocs(
      makeZip([
        { name: 'index.html', content: page('not this one', 'as there is data') },
        { name: 'index.fjson', content: data('Start', 'How to begin with devpi', 'index') },
        { name: 'man/use.fjson', content: data('devpi use', 'Select an index to use', 'man/use') },
        { name: 'man/push.fjson', content: data('devpi push', 'Push a release', 'man/push') },
      ]),
    ),
  },
  {
    index: 'bob/dev',
    fields: {
      name: 'devpi-server',
      summary: 'reliable private index with a caching mirror',
      description: 'A server with replication, mirrors and indexes. It serves packages.',
      author: 'Holger',
      classifiers: ['Environment :: Web Environment'],
    },
  },
  {
    index: 'bob/dev',
    fields: { name: 'requests', summary: 'HTTP for humans', description: 'Sessions and timeouts.' },
  },
  {
    index: 'bob/dev',
    fields: { name: 'requests-mock', summary: 'Mock out responses', keywords: 'testing http' },
  },
  {
    index: 'bob/dev',
    fields: {
      name: 'XMLTools',
      summary: 'Größe und Länge von Dokumenten',
      description: 'Parses, prints and checks documents; see also libxml2.',
    },
    docs: makeDocs({
      'index.html': page('Überblick', 'Dokumente lesen und schreiben'),
      'a/b/deep.html': page('Deep', 'A page in a folder in a folder about anchors'),
    }),
  },
]

export const searchQueries: readonly string[] = [
  'pytest',
  'boat',
  'Big_Boat',
  'big boat',
  'BOAT',
  'oat',
  'ts',
  'devpi',
  'devpi client',
  'devpi-client',
  'devpi ANDNOT client',
  'devpi NOT server',
  'devpi OR boat',
  'devpi AND server',
  'devpi ANDMAYBE replication',
  '(boat OR requests) http',
  'boat OR requests summary',
  'pytest type:page',
  'pytest type:project',
  'ValueError',
  'ValueError type:page',
  'valueerror type:description',
  'type:title usage',
  'type:page anchors',
  'anchor',
  'name:devpi-client',
  'name:devpi*',
  'name:devpi* path:/bob/*',
  'path:/bob/dev/devpi-server',
  'user:ada boat',
  'user:bob type:summary',
  'index:other',
  "classifiers:'Programming Language :: Python :: 3'",
  "classifiers:'Programming Language :: Python :: 3' type:project",
  'keywords:testing',
  'type:keywords ship',
  'summary',
  'http',
  'Größe',
  'länge',
  'dokument',
  'hoist_sail',
  'os.path',
  'libxml2',
  'push release',
  'sail^2 wind',
  "'wind moves'",
  'nothingofthekind',
]
