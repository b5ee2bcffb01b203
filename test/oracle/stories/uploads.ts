/** What is said to both servers about uploads and registered releases. */
import { fieldParts } from '../../support/upload.ts'
import { makeSdist, makeWheel } from '../../support/wheel.ts'
import {
  logIn,
  makeIndex,
  readPage,
  send,
  signUp,
  submit,
  upload,
  uploadDocs,
  urlOf,
  zip,
} from '../telling.ts'
import type { Step, Story } from '../step.ts'

// What the archives say agrees with what the forms say, but where that is the point.
const asks = { requiresPython: '>=3.8' }
const file = makeWheel('pkg', '1.0', asks)
const changed = makeWheel('pkg', '1.0', { ...asks, content: '# changed\n' })
const again = makeWheel('pkg', '1.0', { ...asks, content: '# and again\n' })
const local = makeWheel('pkg', '1.0+abc.1')
const local2 = makeWheel('pkg', '1.0+abc.2', { filename: 'pkg-1.0_abc.2-py3-none-any.whl' })
const sdist = makeSdist('pkg', '1.0', asks)

const version = (index: string, number = '1.0', project = 'pkg'): Step => ({
  ask: `GET /${index}/${project}/${number}`,
})

const content = (filename: string) => ({ name: 'content', value: file.bytes, filename })

const sendAs = (filename: string, fields: Record<string, string>): Step =>
  send('eve/dev', {}, [
    ...fieldParts({ ':action': 'file_upload', name: 'pkg', version: '1.0', ...fields }),
    content(filename),
  ])

export const uploads: Story = {
  name: 'uploads',
  theirs: ['--enable-core-metadata'],
  chapters: [
    {
      title: 'who is not in acl_upload uploads nothing, root neither',
      rows: [62, 63, 64],
      steps: [
        logIn('root', ''),
        ...signUp('eve'),
        ...signUp('fay'),
        makeIndex('eve/dev'),
        makeIndex('eve/prod', { volatile: false }),
        upload('eve/dev', file, { as: '' }),
        upload('eve/dev', file, { as: '', accept: 'application/json' }),
        upload('eve/dev', file, { as: 'eve', secret: 'wrong' }),
        upload('eve/dev', file, { as: 'fay' }),
        upload('eve/dev', file, { as: 'fay', accept: 'application/json' }),
        upload('eve/dev', file, { as: 'root' }),
        upload('eve/nope', file),
        upload('eve/nope', file, { accept: 'application/json' }),
        { ask: 'GET /eve/dev' },
      ],
    },
    {
      title: 'an upload answers 200 without a body, with a slash or without, and not below +simple',
      rows: [66, 67],
      steps: [
        upload('eve/dev', file, { fields: { requires_python: '>=3.8', summary: 'one' } }),
        upload('eve/dev', sdist, { path: '', fields: { summary: 'two' } }),
        upload('eve/dev', file, { path: '/+simple/' }),
        { ask: 'GET /eve/dev' },
        { ask: 'GET /eve/dev?no_projects' },
        version('eve/dev'),
        ...readPage('eve/dev', 'pkg'),
      ],
    },
    {
      title: 'a mirror takes no uploads',
      rows: [65, 68],
      steps: [
        makeIndex('eve/mirror', { type: 'mirror', mirror_url: 'http://127.0.0.1:9/simple/' }),
        upload('eve/mirror', file),
        upload('eve/mirror', file, { accept: 'application/json' }),
        upload('eve/mirror', file, { as: '' }),
        { ask: 'DELETE /eve/mirror', as: 'eve' },
      ],
    },
    {
      title: 'a form that is wrong is refused in the reason phrase, and nothing is kept',
      rows: [65, 69, 80],
      steps: [
        sendAs('pkg-2.0-py3-none-any.whl', {}),
        sendAs('pkg-1.0.txt', {}),
        sendAs('other-1.0-py3-none-any.whl', {}),
        sendAs('pkg-1.0-py3-none-any.whl', { ':action': 'nonsense' }),
        send('eve/dev', {}, fieldParts({ ':action': 'file_upload', name: 'pkg', version: '1.0' })),
        makeIndex('eve/loose'),
        {
          ...send('eve/loose', {}, [
            ...fieldParts({ name: 'pkg', version: '1.0' }),
            content('pkg-1.0.zip'),
          ]),
          differs: 'action-optional',
        },
        {
          ...send('eve/loose', {}, [
            ...fieldParts({ ':action': 'file_upload', name: 'pkg', version: '1.0' }),
            content('pkgfoo-1.0.zip'),
          ]),
          differs: 'filename-of-project',
        },
        send('eve/dev', {}, [...fieldParts({ ':action': 'file_upload' }), content('pkg-1.0.zip')]),
        sendAs('pkg-1.0.zip', { name: '' }),
        sendAs('pkg-1.0.zip', { version: '' }),
        sendAs('p<kg-1.0.zip', { name: 'p<kg' }),
        sendAs('-pkg-1.0.zip', { name: '-pkg' }),
        sendAs('pkg--1.0.zip', { name: 'pkg-' }),
        sendAs('pkg-1.0%.zip', { version: '1.0%' }),
        { ...sendAs('sub/pkg-1.0.zip', {}), differs: 'no-path-in-filename' },
        submit('eve/dev', { name: 'pkg' }),
        submit('eve/dev', { version: '1.0' }),
        submit('eve/dev', { name: 'p kg', version: '1.0' }),
        submit('eve/dev', { name: '_pkg', version: '1.0' }),
        submit('eve/dev', { name: 'pkg!', version: '1.0' }),
        submit('eve/dev', { name: 'pkg_', version: '1.0' }),
        submit('eve/dev', { name: 'pkg', version: '1#0' }),
        submit('eve/dev', { name: 'pkg', version: '' }),
        { ask: 'POST /eve/dev/', as: 'eve', body: 'nonsense', accept: '*/*', differs: 'no-form' },
        { ask: 'GET /eve/dev' },
      ],
    },
    {
      title:
        'a file that comes again replaces the first on a volatile index, whose address is gone',
      rows: [73, 74, 114],
      steps: [
        upload('eve/dev', changed),
        { ask: `GET ${urlOf('eve/dev', file)}` },
        { ask: `GET ${urlOf('eve/dev', changed)}`, accept: '*/*' },
        version('eve/dev'),
        upload('eve/dev', again),
        version('eve/dev'),
        { ...upload('eve/dev', again), differs: 'same-again' },
        { ...version('eve/dev'), differs: 'same-again' },
        ...readPage('eve/dev', 'pkg'),
      ],
    },
    {
      title: 'on an index that is not volatile the same bytes are welcome and others are refused',
      rows: [75, 76, 77],
      steps: [
        upload('eve/prod', file, { fields: { summary: 'first', requires_python: '>=3.8' } }),
        upload('eve/prod', file, { fields: { summary: 'first', requires_python: '>=3.8' } }),
        upload('eve/prod', file, {
          fields: { summary: 'first', requires_python: '>=3.8' },
          accept: 'application/json',
        }),
        upload('eve/prod', changed, { fields: { summary: 'first' } }),
        upload('eve/prod', changed, { fields: { summary: 'first' }, accept: 'application/json' }),
        version('eve/prod'),
        upload('eve/prod', changed, { fields: { summary: 'refused' } }),
        { ...version('eve/prod'), differs: 'refused-changes-nothing' },
        submit('eve/prod', { name: 'pkg', version: '1.0', summary: 'submitted' }),
        version('eve/prod'),
      ],
    },
    {
      title: 'metadata is the version’s: what a form does not name stays',
      rows: [71, 72, 79],
      steps: [
        submit('eve/dev', { name: 'Meta_Data', version: '1.0', summary: 'UNKNOWN' }),
        version('eve/dev', '1.0', 'meta-data'),
        submit('eve/dev', {
          name: 'meta.data',
          version: '1.0',
          summary: 'S',
          classifiers: ['a', '', 'b'],
          platform: 'UNKNOWN',
          keywords: ['x', 'y'],
          license_files: 'dropped',
          import_name: 'dropped',
          import_namespaces: 'dropped',
          provides_extra: 'dropped',
          provides_extras: ['one', 'two'],
          project_urls: 'Home, http://x/',
          license_expression: 'MIT',
          zebra: 'unknown',
          description: 'Grüße\nTwo',
        }),
        { ...version('eve/dev', '1.0', 'meta-data'), differs: 'form-spellings' },
        upload('eve/dev', makeWheel('meta-data', '1.0'), {
          fields: { name: 'meta-data', author: 'A', classifiers: 'c' },
        }),
        { ...version('eve/dev', '1.0', 'meta-data'), differs: 'form-spellings' },
        upload('eve/dev', makeSdist('meta-data', '1.0', { requiresPython: '>=3.9' }), {
          fields: { name: 'meta-data', requires_python: '>=3.9' },
        }),
        { ...version('eve/dev', '1.0', 'meta-data'), differs: 'form-spellings' },
        ...readPage('eve/dev', 'meta-data', { differs: 'file-says-requires-python' }),
        submit('eve/dev', { name: 'meta-data', version: '1.0' }),
        version('eve/dev', '1.0', 'meta-data'),
        submit('eve/dev', { name: 'meta-data', version: '2.0.dev1' }),
        { ask: 'GET /eve/dev/meta-data' },
        { ask: 'GET /eve/dev' },
        {
          ask: 'POST /eve/dev/',
          as: 'eve',
          accept: '*/*',
          body: ':action=submit&name=urlencoded&version=1.0&summary=S',
          headers: { 'content-type': 'application/x-www-form-urlencoded' },
        },
        version('eve/dev', '1.0', 'urlencoded'),
      ],
    },
    {
      title: 'a local version is kept as it was sent',
      rows: [70],
      steps: [
        upload('eve/dev', local, { fields: { version: '1.0+abc.1' } }),
        upload('eve/dev', local2, { fields: { version: '1.0+abc.2' } }),
        version('eve/dev', '1.0+abc.1'),
        version('eve/dev', '1.0%2Babc.1'),
        version('eve/dev', '1.0_abc.2'),
        { ask: `GET ${urlOf('eve/dev', local)}`, accept: '*/*' },
        ...readPage('eve/dev', 'pkg', { differs: 'core-metadata-unread' }),
      ],
    },
    {
      title: 'digests that a form names are compared with the content',
      rows: [78],
      steps: [
        {
          ...upload('eve/dev', makeWheel('digest', '1.0'), {
            fields: { sha256_digest: '0'.repeat(64), md5_digest: '0'.repeat(32) },
          }),
          differs: 'checks-digests',
        },
        upload('eve/dev', makeWheel('digest', '1.0'), {
          fields: { sha256_digest: makeWheel('digest', '1.0').sha256, protocol_version: '1' },
        }),
      ],
    },
    {
      title:
        'documentation comes as a zip, for a version or the latest, and is no link of the page',
      rows: [81, 82],
      steps: [
        uploadDocs('eve/dev', zip('one'), { fields: { name: 'docless' } }),
        uploadDocs('eve/dev', zip('one'), { fields: { name: 'docless', version: '' } }),
        uploadDocs('eve/dev', zip('one'), { fields: { version: '1.0' } }),
        uploadDocs('eve/dev', zip('one'), { fields: { name: 'docs', version: '0.5' } }),
        version('eve/dev', '0.5', 'docs'),
        upload('eve/dev', makeWheel('docs', '1.0')),
        submit('eve/dev', { name: 'docs', version: '2.0a1' }),
        uploadDocs('eve/dev', zip('two'), { fields: { name: 'Docs' } }),
        version('eve/dev', '2.0a1', 'docs'),
        uploadDocs('eve/dev', zip('three'), { fields: { name: 'docs', version: '2.0a1' } }),
        version('eve/dev', '2.0a1', 'docs'),
        { ask: 'GET /eve/dev/docs' },
        ...readPage('eve/dev', 'docs'),
        uploadDocs('eve/dev', zip('x'), { as: 'fay', fields: { name: 'docs', version: '1.0' } }),
        uploadDocs('eve/prod', zip('x'), { fields: { name: 'pkg', version: '1.0' } }),
        uploadDocs('eve/prod', zip('x'), { fields: { name: 'pkg', version: '1.0' } }),
        uploadDocs('eve/prod', zip('y'), { fields: { name: 'pkg', version: '1.0' } }),
        version('eve/prod'),
      ],
    },
  ],
}
