/** Of mirrors: their options, other kinds of upstream, pushing from them and removing from them. */
import { body, redirectTo } from '../../support/fake-upstream.ts'
import { makeWheel } from '../../support/wheel.ts'
import type { Chapter } from '../step.ts'
import { makeIndex, push, readPage, simpleJson, urlOf, get } from '../telling.ts'
import {
  wheel,
  sdist,
  added,
  late,
  external,
  secret,
  fresh,
  described,
  page,
  json,
  htmlNames,
  entry,
  project,
  mirror,
  everything,
} from './mirror-upstream.ts'

export const mirrorOptions: readonly Chapter[] = [
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
      { ask: 'PATCH /mia/meta', as: 'mia', json: { mirror_provides_core_metadata: true } },
      ...readPage('mia/meta', 'described'),
      get(`${urlOf('mia/meta', described)}.metadata`, {
        accept: '*/*',
        upstreamLog: true,
        as: 'mia',
        headers: { cookie: 'secret=1' },
      }),
      get(`${urlOf('mia/meta', makeWheel('described', '2.0'))}.metadata`),
      get(urlOf('mia/meta', described), everything),
      get(`${urlOf('mia/meta', described)}.metadata`, everything),
      mirror('mia/bare'),
      page('mia/bare', 'described', { accept: simpleJson }),
      get(`${urlOf('mia/bare', described)}.metadata`, { differs: 'core-metadata-made' }),
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
    title: 'what a mirror has is removed like anything else, and comes again when it is asked for',
    rows: [114, 118],
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
]
