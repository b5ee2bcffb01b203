/** What is said to both servers about mirrors, and what they ask their upstream meanwhile. */
import type { ServerResponse } from 'node:http'
import { body, redirectTo, type Answer } from '../../support/fake-upstream.ts'
import { makeSdist, makeWheel, type Distribution } from '../../support/wheel.ts'
import {
  logIn,
  makeIndex,
  pip,
  push,
  readPage,
  signUp,
  simpleJson,
  submit,
  upload,
  urlOf,
} from '../telling.ts'
import type { Step, Story } from '../step.ts'

const wheel = makeWheel('pkg', '1.0')
const sdist = makeSdist('pkg', '1.1')
const hashless = makeWheel('pkg', '1.2')
const wrong = makeWheel('pkg', '1.3')
const added = makeWheel('pkg', '2.0')
const own = makeWheel('pkg', '0.1')
const late = makeWheel('late', '1.0')
// What one mirror has stored, another need not fetch: each has a file of its own where requests are counted.
const external = makeWheel('external', '1.0')
const secret = makeWheel('secret', '1.0')
const fresh = makeWheel('fresh', '1.0')
const failing = makeWheel('pkg', '1.0', { content: '# never fetched\n' })
const absent = makeSdist('pkg', '1.0', { content: '# never there\n' })
const described = makeWheel('described', '1.0')

const get = (path: string, more: Partial<Step> = {}): Step => ({ ask: `GET ${path}`, ...more })
const page = (index: string, project = 'pkg', more: Partial<Step> = {}): Step =>
  get(`/${index}/+simple/${project}/`, { accept: 'text/html', ...more })

const json = (value: object, options: object = {}): Answer =>
  body(JSON.stringify({ meta: { 'api-version': '1.0' }, ...value }), {
    type: simpleJson,
    ...options,
  })

const names = (...projects: string[]): Answer =>
  json({ projects: projects.map((name) => ({ name })) }, { etag: `"${projects.join()}"` })

const htmlNames = (...projects: string[]): Answer =>
  body(projects.map((name) => `<a href="/simple/${name}/">${name}</a><br/>`).join('\n'))

const entry = ({ filename, sha256 }: Distribution, more: object = {}): object => ({
  filename,
  url: `/files/${filename}`,
  hashes: { sha256 },
  ...more,
})

const project = (files: readonly object[], options: object = {}): Answer =>
  json({ name: 'pkg', files }, options)

const file = (one: Distribution): Answer =>
  body(one.bytes, {
    type: one.filename.endsWith('.gz') ? 'application/x-tar' : 'application/octet-stream',
    headers: {
      'last-modified': 'Sat, 01 Jan 2022 00:00:00 GMT',
      'set-cookie': 'a=b',
      'x-devpi-serial': '9',
    },
  })

const fails =
  (status: number): Answer =>
  (_, response: ServerResponse) =>
    void response.writeHead(status).end('oops')

const files: Record<string, Answer> = {
  [`/files/${wheel.filename}`]: file(wheel),
  [`/files/${wheel.filename}.metadata`]: file({ ...wheel, bytes: wheel.metadataBytes }),
  [`/files/${sdist.filename}`]: file(sdist),
  [`/files/${hashless.filename}`]: file(hashless),
  [`/files/${wrong.filename}`]: file(wheel),
  [`/files/${added.filename}`]: file(added),
  ...Object.fromEntries(
    [external, secret, fresh, described].flatMap((one) => [
      [`/files/${one.filename}`, file(one)],
      [`/files/${one.filename}.metadata`, file({ ...one, bytes: one.metadataBytes })],
      [`/simple/${one.filename.split('-')[0]}/`, project([entry(one)])],
    ]),
  ),
}

const mirror = (name: string, options: object = {}): Step =>
  makeIndex(name, { type: 'mirror', mirror_url: '{upstream}/simple/', ...options })

const everything = { accept: '*/*' }

export const mirrors: Story = {
  name: 'mirrors',
  mirrors: true,
  theirs: ['--enable-core-metadata'],
  chapters: [
    {
      title: 'a mirror asks for the list once, for a project when it is wanted, and for no other',
      rows: [93, 97, 133, 134, 139],
      steps: [
        logIn('root', ''),
        ...signUp('mia'),
        {
          ...mirror('mia/up'),
          upstream: {
            ...files,
            '/simple/': names(
              'pkg',
              'listed',
              'broken',
              'external',
              'secret',
              'fresh',
              'described',
            ),
            '/old/': json({ projects: [{ name: 'pkg' }] }),
            '/old/pkg/': project([entry(failing), entry(absent)], {
              headers: { 'x-pypi-last-serial': '5' },
            }),
            '/simple/pkg/': project(
              [
                entry(wheel, { 'requires-python': '>=3.8' }),
                entry(sdist, { yanked: 'bad <build>' }),
                { ...entry(hashless), hashes: {}, yanked: true },
                entry(wrong, { yanked: false }),
              ],
              { etag: '"one"', headers: { 'x-pypi-last-serial': '5' } },
            ),
            '/simple/broken/': fails(500),
          },
        },
        get('/mia/up', { upstreamLog: true }),
        get('/mia/up/+simple/', { accept: simpleJson, upstreamLog: true }),
        page('mia/up', 'pkg', { upstreamLog: true }),
        page('mia/up', 'pkg', { upstreamLog: true }),
        ...readPage('mia/up', 'pkg'),
        page('mia/up', 'nope', { upstreamLog: true }),
        page('mia/up', 'listed', { differs: 'listed-but-missing' }),
        get('/mia/up/pkg'),
        get('/mia/up/pkg/1.0'),
        get('/mia/up/pkg/1.1'),
        get('/mia/up/pkg/7.0'),
        get('/mia/up/nope'),
        get('/mia/up', { accept: '*/*', headers: pip }),
      ],
    },
    {
      title: 'upstream’s failure is 502 on the mirror and nothing on an index above it',
      rows: [95, 135, 136, 137],
      steps: [
        makeIndex('mia/dev', { bases: 'mia/up' }),
        page('mia/up', 'broken'),
        page('mia/up', 'broken', { accept: simpleJson }),
        get('/mia/up/broken'),
        page('mia/dev', 'broken'),
        get('/mia/dev/broken'),
        ...readPage('mia/dev', 'pkg'),
        mirror('mia/old', { mirror_url: '{upstream}/old/', mirror_cache_expiry: 0 }),
        page('mia/old'),
        page('mia/old', 'pkg', { upstream: { '/old/pkg/': fails(503) } }),
        page('mia/dev', 'pkg'),
        page('mia/dev', 'listed', { upstreamLog: true, differs: 'listed-but-missing' }),
      ],
    },
    {
      title: 'a file comes from upstream once, and is as if it were the server’s own from then on',
      rows: [117, 140, 141, 142, 165, 171],
      steps: [
        get(urlOf('mia/up', wheel), { accept: '*/*', upstreamLog: true }),
        get(urlOf('mia/up', wheel), { accept: '*/*', upstreamLog: true }),
        get(urlOf('mia/up', wheel)),
        get(urlOf('mia/up', sdist), {
          accept: '*/*',
          as: 'mia',
          headers: { cookie: 'secret=1' },
          upstreamLog: true,
        }),
        get(urlOf('mia/up', wrong), { accept: 'application/json' }),
        get('/mia/up/+e/UPSTREAM/none-1.0.zip', everything),
        get(urlOf('mia/dev', wheel), everything),
        {
          ...get(urlOf('mia/old', failing), everything),
          upstream: { [`/files/${failing.filename}`]: fails(500) },
        },
        {
          ...get(urlOf('mia/old', absent), everything),
          upstream: { [`/files/${absent.filename}`]: undefined },
        },
        get(urlOf('mia/old', absent), { accept: 'text/html' }),
      ],
    },
    {
      title: 'a new look at upstream brings what is new, and a serial that went back nothing',
      rows: [133, 138, 145],
      steps: [
        {
          ask: 'POST /mia/up/+simple/pkg/refresh',
          accept: 'text/html',
          upstream: {
            ...files,
            '/simple/pkg/': project([entry(wheel), entry(added)], {
              etag: '"two"',
              headers: { 'x-pypi-last-serial': '7' },
            }),
          },
          upstreamLog: true,
        },
        page('mia/up', 'pkg', { accept: simpleJson }),
        { ask: 'POST /mia/dev/+simple/pkg/refresh', accept: 'text/html', upstreamLog: true },
        { ask: 'GET /mia/dev/+simple/pkg/refresh', accept: 'text/html' },
        { ask: 'POST /mia/up/+simple/nope/refresh', accept: 'text/html' },
        { ask: 'POST /mia/up/+simple/broken/refresh', accept: 'text/html' },
        page('mia/old', 'pkg', { upstreamLog: true, accept: simpleJson }),
        page('mia/old', 'pkg', {
          accept: simpleJson,
          upstream: {
            '/old/pkg/': project([entry(failing)], { headers: { 'x-pypi-last-serial': '4' } }),
          },
        }),
        { ask: 'PATCH /mia/old', as: 'mia', json: { mirror_ignore_serial_header: true } },
        page('mia/old', 'pkg', { accept: simpleJson }),
      ],
    },
    {
      title: 'what an index has itself hides the mirror’s, unless the whitelist lets it through',
      rows: [96, 107, 108, 109, 110, 111, 112],
      steps: [
        upload('mia/dev', own),
        ...readPage('mia/dev', 'pkg', { upstreamLog: true }),
        get('/mia/dev/pkg'),
        get('/mia/dev/pkg/1.0'),
        submit('mia/dev', { name: 'listed', version: '1.0' }),
        page('mia/dev', 'listed', { upstreamLog: true }),
        { ask: 'PATCH /mia/dev', as: 'mia', json: { mirror_whitelist: ['pkg'] } },
        ...readPage('mia/dev', 'pkg'),
        get('/mia/dev/pkg'),
        makeIndex('mia/top', { bases: 'mia/dev' }),
        ...readPage('mia/top', 'pkg'),
        { ask: 'PATCH /mia/top', as: 'mia', json: { mirror_whitelist_inheritance: 'union' } },
        ...readPage('mia/top', 'pkg'),
        { ask: 'PATCH /mia/dev', as: 'mia', json: { mirror_whitelist: [] } },
        ...readPage('mia/top', 'pkg'),
        { ask: 'PATCH /mia/top', as: 'mia', json: { mirror_whitelist: ['*'] } },
        ...readPage('mia/top', 'pkg'),
        page('mia/top', 'listed', { differs: 'listed-but-missing' }),
        { ask: 'PATCH /mia/dev', as: 'mia', json: { mirror_whitelist: ['other'] } },
        page('mia/dev', 'pkg'),
      ],
    },
    {
      title: 'a release of a mirror is pushed to an index of one’s own',
      rows: [127, 131],
      steps: [
        makeIndex('mia/prod'),
        push('mia/up', { name: 'pkg', version: '1.0', targetindex: 'mia/prod' }, 'mia'),
        get('/mia/prod/pkg/1.0'),
        push('mia/up', { name: 'pkg', version: '2.0', targetindex: 'mia/prod' }, 'mia'),
        get('/mia/prod/pkg'),
        push('mia/up', { name: 'pkg', version: '7.0', targetindex: 'mia/prod' }, 'mia'),
        push('mia/up', { name: 'nope', version: '7.0', targetindex: 'mia/prod' }, 'mia'),
        push('mia/prod', { name: 'pkg', version: '1.0', targetindex: 'mia/up' }, 'mia'),
        push('mia/prod', { name: 'pkg', version: '1.0', targetindex: 'mia/up' }, 'root'),
      ],
    },
    {
      title: 'with mirror_use_external_urls clients fetch files from upstream themselves',
      rows: [143],
      steps: [
        mirror('mia/external', { mirror_use_external_urls: true }),
        page('mia/external', 'external', { accept: simpleJson }),
        get(urlOf('mia/external', external), { accept: '*/*', upstreamLog: true }),
        get(urlOf('mia/external', external)),
      ],
    },
    {
      title: 'the credentials of a mirror go to its upstream, and into no link',
      rows: [144],
      steps: [
        makeIndex('mia/secret', {
          type: 'mirror',
          mirror_url: 'http://user:hidden@{host}/simple/',
        }),
        page('mia/secret', 'secret', { accept: simpleJson, upstreamLog: true }),
        get(urlOf('mia/secret', secret), { accept: '*/*', upstreamLog: true }),
        get(urlOf('mia/secret', secret)),
      ],
    },
    {
      title: 'without a list of upstream’s projects each is asked for by itself',
      rows: [146],
      steps: [
        mirror('mia/listless', { mirror_no_project_list: true }),
        get('/mia/listless', { upstreamLog: true }),
        page('mia/listless', 'pkg', { accept: simpleJson, upstreamLog: true }),
        page('mia/listless', 'unlisted', {
          accept: simpleJson,
          upstream: { '/simple/unlisted/': json({ name: 'unlisted', files: [] }) },
          upstreamLog: true,
        }),
        page('mia/listless', 'nope', { upstreamLog: true }),
        get('/mia/listless', { upstreamLog: true }),
        get('/mia/listless/+simple/', { accept: 'text/html', upstreamLog: true }),
      ],
    },
    {
      title: 'the address of a file that nobody asked for yet is found',
      rows: [166, 167],
      steps: [
        mirror('mia/fresh'),
        get(urlOf('mia/fresh', fresh), { accept: '*/*', upstreamLog: true }),
        mirror('mia/fresh2'),
        get(`/mia/fresh2/+f/000/0000000000000/${fresh.filename}`, {
          accept: '*/*',
          upstreamLog: true,
        }),
        mirror('mia/fresh3'),
        get('/mia/fresh3/+f/000/0000000000000/nonsense', { accept: '*/*', upstreamLog: true }),
        get('/mia/fresh3/+f/000/0000000000000/broken-1.0.zip', { accept: '*/*' }),
        get('/mia/fresh3/+f/000/0000000000000/nope-1.0.zip', { accept: '*/*' }),
      ],
    },
    {
      title:
        'core metadata of a mirror’s wheels is offered and passed through when the mirror says so',
      rows: [163, 164, 165],
      steps: [
        mirror('mia/meta'),
        page('mia/meta', 'described', { accept: simpleJson }),
        get(`${urlOf('mia/meta', described)}.metadata`),
        { ask: 'PATCH /mia/meta', as: 'mia', json: { mirror_provides_core_metadata: true } },
        ...readPage('mia/meta', 'described'),
        get(`${urlOf('mia/meta', described)}.metadata`, {
          accept: '*/*',
          as: 'mia',
          headers: { cookie: 'secret=1' },
        }),
        get(`${urlOf('mia/meta', makeWheel('described', '2.0'))}.metadata`),
        get(urlOf('mia/meta', described), everything),
        get(`${urlOf('mia/meta', described)}.metadata`, everything),
      ],
    },
    {
      title: 'an upstream of plain HTML will do, also one that moved or names its type wrongly',
      rows: [92, 93, 172],
      steps: [
        {
          ...makeIndex('mia/html', { type: 'mirror', mirror_url: '{upstream}/html/' }),
          upstream: {
            '/html/': htmlNames('pkg', 'late'),
            '/html/pkg/': body(
              `<a href="../../files/${wheel.filename}#sha256=${wheel.sha256}" data-requires-python="&gt;=3.6">x</a>
               <a href="/files/${sdist.filename}#sha256=${sdist.sha256}" data-yanked="">y</a>
               <a href="/files/${added.filename}" data-yanked="bad">z</a>
               <a href="/files/readme.txt">r</a><a href="ftp://x/pkg-9.zip">f</a>`,
            ),
            '/html/late/': redirectTo('/moved/late/'),
            '/moved/late/': body(
              `<a href="${late.filename}#md5=0123456789abcdef0123456789abcdef">late</a>`,
            ),
            '/typeless/': json({ projects: [{ name: 'pkg' }] }, { type: 'application/json' }),
            '/typeless/pkg/': project([entry(wheel)]),
          },
        },
        ...readPage('mia/html', 'pkg'),
        ...readPage('mia/html', 'late'),
        get('/mia/html/pkg'),
        get('/mia/html'),
        makeIndex('mia/typeless', { type: 'mirror', mirror_url: '{upstream}/typeless/' }),
        get('/mia/typeless'),
        page('mia/typeless'),
      ],
    },
    {
      title:
        'what a mirror has is removed like anything else, and comes again when it is asked for',
      rows: [41, 114, 118],
      steps: [
        { ask: `DELETE ${urlOf('mia/up', wheel)}` },
        { ask: `DELETE ${urlOf('mia/up', wheel)}`, as: 'mia' },
        get(urlOf('mia/up', wheel), everything),
        page('mia/up', 'pkg', { accept: simpleJson, differs: 'removed-is-gone' }),
        get(urlOf('mia/up', added), everything),
        { ask: 'DELETE /mia/up/pkg/2.0', as: 'mia' },
        get(urlOf('mia/up', added), everything),
        { ask: 'DELETE /mia/up/pkg', as: 'mia' },
        { ask: 'DELETE /mia/up/nope', as: 'mia' },
        { ask: 'DELETE /mia/up/nope/1.0', as: 'mia' },
        page('mia/up', 'pkg', { accept: simpleJson }),
        { ask: 'PATCH /mia/up', as: 'mia', json: { volatile: false } },
        { ask: 'DELETE /mia/up/pkg', as: 'mia' },
        { ask: 'DELETE /mia/up', as: 'mia' },
        { ask: 'PATCH /mia/up', as: 'mia', json: { volatile: true } },
        { ask: 'DELETE /mia/up', as: 'mia' },
        { ...get(urlOf('mia/up', added), everything), differs: 'gone-with-the-index' },
      ],
    },
  ],
}
