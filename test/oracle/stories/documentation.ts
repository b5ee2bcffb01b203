/** What is said to both servers about reading documentation, which devpi-web adds to devpi-server. */
import { makeDocs, zipOf } from '../../support/docs.ts'
import { makeWheel } from '../../support/wheel.ts'
import type { Step, Story } from '../step.ts'
import { makeIndex, signUp, upload, uploadDocs } from '../telling.ts'

const any = { accept: '*/*', also: ['etag'] }
const zip = makeDocs({
  'a/b.js': 'let b',
  'style.css': 'b {}',
  'pic.svg': '<svg/>',
  'pic.png': 'png',
  'data.json': '{}',
  'readme.txt': 'text',
  'objects.inv': 'inv',
})
const other = makeDocs({ 'index.html': '<h1>Other</h1>' })

const docs = (version: string | undefined, bytes: Uint8Array, index = 'ann/dev'): Step =>
  uploadDocs(index, bytes, { fields: { name: 'pkg', version } })

const page = (path: string, more: Partial<Step> = {}): Step => ({
  ask: `GET /ann/dev/pkg/${path}`,
  ...any,
  ...more,
})

/** The page that says why there is nothing: HTML to whoever asks. */
const missing = (path: string): Step => ({ ask: `GET ${path}`, accept: 'text/html' })

export const documentation: Story = {
  name: 'documentation',
  web: true,
  chapters: [
    {
      title: 'a page is a file of the zip, with a type by its name',
      rows: [154],
      steps: [
        ...signUp('ann'),
        makeIndex('ann/dev', { bases: [], volatile: true }),
        makeIndex('ann/top', { bases: ['ann/dev'], volatile: true }),
        docs('1.0', zip.bytes),
        ...[
          ...['index.html', 'a/b.js', 'style.css', 'pic.svg', 'pic.png', 'data.json'],
          ...['readme.txt', 'objects.inv'],
        ].map((path) => page(`1.0/+doc/${path}`)),
        page('1.0/+doc/'),
        page('1.0/+d/'),
        { ...page('1.0/+doc/index.html'), ask: 'GET /ann/dev/PKG/1.0/+doc/index.html' },
        { ...page('1.0/+doc/index.html'), ask: 'HEAD /ann/dev/pkg/1.0/+doc/index.html' },
        page('1.0/%2Bdoc/index.html'),
      ],
    },
    {
      title: 'who has a page of the same zip has all of them',
      rows: [154],
      steps: ['1.0/+doc/index.html', '1.0/+doc/readme.txt', 'latest/+doc/index.html'].map((path) =>
        page(path, {
          headers: { 'if-none-match': `"${zip.sha256}"` },
        }),
      ),
    },
    {
      title: 'latest and stable are the newest releases that have documentation',
      rows: [154],
      steps: [
        upload('ann/dev', makeWheel('pkg', '3.0')),
        docs('2.0rc1', other.bytes),
        docs('2.5', zipOf([{ name: 'other.html', content: 'x' }]).bytes),
        page('latest/+doc/index.html'),
        page('stable/+doc/index.html'),
        page('latest/+doc/a/b.js', { accept: 'text/html' }),
        page('stable/+doc/a/b.js'),
      ],
    },
    {
      title: 'what is not there is not found',
      steps: [
        upload('ann/dev', makeWheel('pre', '1.0rc1')),
        ...[
          '/ann/dev/pkg/1.0/+doc/nope.html',
          '/ann/dev/pkg/1.0/+doc/a',
          '/ann/dev/pkg/2.5/+doc/index.html',
          '/ann/dev/pkg/3.0/+doc/index.html',
          '/ann/dev/pkg/9.9/+doc/index.html',
          '/ann/dev/nope/1.0/+doc/index.html',
          '/ann/dev/nope/latest/+doc/index.html',
          '/ann/dev/nope/stable/+doc/index.html',
          '/ann/dev/pre/latest/+doc/index.html',
          '/ann/dev/pre/stable/+doc/index.html',
          '/ann/top/pkg/1.0/+doc/index.html',
          '/ann/nope/pkg/1.0/+doc/index.html',
        ].map(missing),
      ],
    },
    {
      title: 'a zip that can not be read has no pages',
      steps: [docs('4.0', Buffer.from('no zip')), missing('/ann/dev/pkg/4.0/+doc/index.html')],
    },
    {
      title: 'a zip that is made to harm does not come in',
      steps: ['../out.html', '/out.html', 'C:\\out.html'].map((name, n) => ({
        ...docs(`5.${n}`, zipOf([{ name: 'index.html' }, { name, content: 'x' }]).bytes),
        differs: 'refuses-hostile-zips' as const,
      })),
    },
  ],
}
