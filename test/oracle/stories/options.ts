/** What is said to servers that were started with other options. */
import { body } from '../../support/fake-upstream.ts'
import { makeWheel } from '../../support/wheel.ts'
import { logIn, makeIndex, readPage, signUp, simpleJson, upload, urlOf } from '../telling.ts'
import type { Story } from '../step.ts'

const wheel = makeWheel('pkg', '1.0')

const restricted: Story = {
  name: 'restrict-modify',
  ours: { restrictModify: ['root'] },
  theirs: ['--restrict-modify', 'root'],
  chapters: [
    {
      title: 'with --restrict-modify only who is named makes and changes users and indexes',
      rows: [148],
      steps: [
        logIn('root', ''),
        { ask: 'PUT /gus', json: { password: 'pw' } },
        { ask: 'PUT /gus', as: 'root', json: { password: 'pw' } },
        { ask: 'PUT /hal', as: 'root', json: { password: 'pw' } },
        logIn('gus'),
        { ask: 'PATCH /gus', as: 'gus', json: { title: 'x' } },
        { ask: 'PATCH /gus', as: 'gus', json: { password: 'pw', title: 'x' } },
        { ask: 'PATCH /gus', as: 'gus', json: { password: 'pw' } },
        { ask: 'PATCH /hal', as: 'gus', json: { password: 'x' } },
        { ask: 'PATCH /hal', as: 'root', json: { password: 'y' } },
        { ask: 'PATCH /gus', as: 'root', json: { title: 'by root' } },
        { ask: 'PUT /gus/dev', as: 'gus', json: {} },
        { ask: 'PUT /gus/dev', as: 'root', json: {} },
        { ask: 'PATCH /gus/dev', as: 'gus', json: { title: 'x' } },
        { ask: 'DELETE /gus/dev', as: 'gus' },
        upload('gus/dev', wheel),
        upload('gus/dev', wheel, { as: 'root' }),
        { ask: `DELETE ${urlOf('gus/dev', wheel)}`, as: 'hal' },
        { ask: 'DELETE /gus/dev/pkg', as: 'root' },
        upload('gus/dev', wheel),
        { ask: 'DELETE /gus/dev/pkg/1.0', as: 'gus' },
        { ask: 'DELETE /gus', as: 'gus' },
        { ask: 'DELETE /root', as: 'root' },
        { ask: 'DELETE /gus', as: 'root' },
        { ask: 'GET /', as: 'root' },
      ],
    },
  ],
}

const outside: Story = {
  name: 'outside-url',
  ours: { outsideUrl: 'https://out.example/pre', absoluteUrls: true },
  theirs: ['--outside-url', 'https://out.example/pre', '--absolute-urls', '--enable-core-metadata'],
  chapters: [
    {
      title: 'the server is where --outside-url says, unless a header says better',
      rows: [16, 17, 19],
      steps: [
        ...signUp('ida'),
        makeIndex('ida/dev'),
        upload('ida/dev', wheel),
        { ask: 'GET /ida/dev/+api' },
        { ask: 'GET /pre/ida/dev/+api' },
        { ask: 'GET /ida/dev/+api', headers: { host: 'other.example' } },
        { ask: 'GET /ida/dev/+api', headers: { 'x-outside-url': 'http://header.example' } },
        { ask: 'GET /sub/ida/dev/+api', headers: { 'x-outside-url': 'http://h.example/sub' } },
        { ask: 'GET /+status' },
        { ask: 'GET /ida/dev/pkg/1.0' },
        { ask: 'GET /ida/dev/+simple/pkg', accept: 'text/html' },
        ...readPage('ida/dev', 'pkg'),
        { ask: 'GET /pre/ida/dev/+simple/', accept: 'text/html' },
      ],
    },
  ],
}

const offline: Story = {
  name: 'offline',
  mirrors: true,
  ours: { offlineMode: true },
  theirs: ['--offline-mode'],
  chapters: [
    {
      title: 'offline no upstream hears anything, and what is not here is not there',
      rows: [147],
      steps: [
        ...signUp('jo'),
        {
          ...makeIndex('jo/up', { type: 'mirror', mirror_url: '{upstream}/simple/' }),
          upstream: { '/simple/': body('<a href="/simple/pkg/">pkg</a>') },
        },
        makeIndex('jo/dev', { bases: 'jo/up' }),
        { ask: 'GET /jo/up', upstreamLog: true },
        { ask: 'GET /jo/up/+simple/', accept: 'text/html', upstreamLog: true },
        { ask: 'GET /jo/up/+simple/pkg/', accept: simpleJson, upstreamLog: true },
        { ask: 'GET /jo/dev/+simple/pkg/', accept: 'text/html', upstreamLog: true },
        { ask: `GET ${urlOf('jo/up', wheel)}`, accept: '*/*', upstreamLog: true },
        upload('jo/dev', wheel),
        { ask: 'GET /jo/dev/pkg' },
        { ask: `GET ${urlOf('jo/dev', wheel)}`, accept: '*/*', upstreamLog: true },
      ],
    },
  ],
}

const withoutMetadata: Story = {
  name: 'without core metadata',
  chapters: [
    {
      title: 'core metadata is always on here, where devpi-server has it behind an option',
      rows: [155],
      steps: [
        ...signUp('kim'),
        makeIndex('kim/dev'),
        upload('kim/dev', wheel),
        ...readPage('kim/dev', 'pkg', { differs: 'core-metadata-always' }).filter(
          ({ accept }) => accept === simpleJson,
        ),
        {
          ask: `GET ${urlOf('kim/dev', wheel)}.metadata`,
          differs: 'core-metadata-always',
        },
      ],
    },
  ],
}

export const options: readonly Story[] = [restricted, outside, offline, withoutMetadata]
