/** Of releases: how they are pushed to another index or another server. */
import type { Chapter } from '../step.ts'
import { makeIndex, push, readPage, uploadDocs, urlOf, get, zip } from '../telling.ts'
import { wheel } from './release-parts.ts'

export const releasePushes: readonly Chapter[] = [
  {
    title: 'a release is pushed to another index with its files, log, docs and test results',
    rows: [124, 125, 126, 128],
    steps: [
      uploadDocs('ann/dev', zip('pkg'), { fields: { name: 'pkg', version: '1.0' } }),
      makeIndex('ann/prod', { volatile: false }),
      push('ann/dev', { name: 'pkg', version: '1.0', targetindex: 'ann/prod' }, 'ann'),
      get('/ann/prod/pkg/1.0'),
      ...readPage('ann/prod', 'pkg'),
      get(urlOf('ann/prod', wheel), { accept: '*/*' }),
      push('ann/dev', { name: 'other', version: '1.0', targetindex: 'ann/prod' }, 'ann'),
      push('ann/dev', { name: 'pkg', version: '9.9', targetindex: 'ann/prod' }, 'ann'),
      push('ann/dev', { name: 'PKG', version: '2.0', targetindex: 'ann/prod' }, 'ann'),
      get('/ann/prod/pkg'),
      {
        ...push('ann/base', { name: 'other', version: '1.0', targetindex: 'ann/prod' }, 'ann'),
        ask: 'POST /ann/base',
      },
      {
        ...push('ann/base', { name: 'other', version: '1.0', targetindex: 'ann/dev' }, 'ann'),
        ask: 'POST /ann/base/',
      },
    ],
  },
  {
    title: 'a push is refused with a reason',
    rows: [127, 128, 129, 130],
    steps: [
      push('ann/dev', { name: 'pkg', version: '1.0', targetindex: 'ann/prod' }, 'ann'),
      push('ann/dev', { name: 'pkg', version: '10.0rc1', targetindex: 'ann/prod' }),
      push('ann/dev', { name: 'pkg', version: '10.0rc1', targetindex: 'ann/prod' }, 'ben'),
      push('ann/dev', { name: 'pkg', version: '10.0rc1', targetindex: 'ann/prod' }, 'root'),
      push('ann/dev', { name: 'pkg', version: '10.0rc1', targetindex: 'ann/nope' }, 'ann'),
      push('ann/dev', { name: 'pkg', version: '10.0rc1', targetindex: 'nope' }, 'ann'),
      push('ann/nope', { name: 'pkg', version: '10.0rc1', targetindex: 'ann/prod' }, 'ann'),
      push(
        'ann/dev',
        { name: 'pkg', version: '10.0rc1', targetindex: 'ann/prod', b: 1, a: 2 },
        'ann',
      ),
      push(
        'ann/dev',
        {
          name: 'pkg',
          version: '10.0rc1',
          targetindex: 'ann/prod',
          no_docs: true,
          only_docs: true,
        },
        'ann',
      ),
      push(
        'ann/dev',
        { name: 'pkg', version: '10.0rc1', targetindex: 'ann/prod', only_docs: true },
        'ann',
      ),
      push('ann/dev', { name: 'pkg', targetindex: 'ann/prod' }, 'ann'),
      push('ann/dev', { version: '1.0', targetindex: 'ann/prod' }, 'ann'),
      push('ann/dev', {}, 'ann'),
      push('ann/dev', [], 'ann'),
      { ask: 'PUSH /ann/dev', as: 'ann', body: '{' },
      get('/ann/prod/pkg'),
    ],
  },
  {
    title: 'documentation is pushed with the release, alone, or not at all',
    rows: [126, 130],
    steps: [
      makeIndex('ann/docs'),
      push(
        'ann/dev',
        { name: 'pkg', version: '1.0', targetindex: 'ann/docs', only_docs: true },
        'ann',
      ),
      get('/ann/docs/pkg/1.0'),
      push(
        'ann/dev',
        { name: 'pkg', version: '1.0', targetindex: 'ann/docs', no_docs: true },
        'ann',
      ),
      get('/ann/docs/pkg/1.0'),
      push('ann/dev', { name: 'pkg', version: '1.0', targetindex: 'ann/docs' }, 'ann'),
      get('/ann/docs/pkg/1.0'),
      { ask: 'DELETE /ann/docs', as: 'ann' },
    ],
  },
  {
    title: 'a release is pushed to another server with its metadata, and its answers are told',
    rows: [132],
    steps: [
      push(
        'ann/base',
        {
          name: 'other',
          version: '1.0',
          posturl: '{upstream}/post',
          username: 'u',
          password: 'p',
        },
        'ann',
      ),
      {
        ...push(
          'ann/base',
          {
            name: 'other',
            version: '1.0',
            posturl: '{upstream}/post',
            username: 'u',
            password: 'p',
          },
          'ann',
        ),
        upstream: { '/post': (_, response) => void response.writeHead(200).end('thanks') },
        upstreamLog: true,
      },
      {
        ...push(
          'ann/base',
          {
            name: 'other',
            version: '1.0',
            posturl: '{upstream}/post',
            username: 'u',
            password: 'p',
            register_project: true,
          },
          'ann',
        ),
        upstream: { '/post': (_, response) => void response.writeHead(410).end('gone') },
        upstreamLog: true,
      },
      {
        ...push(
          'ann/base',
          {
            name: 'other',
            version: '1.0',
            posturl: '{upstream}/post',
            username: 'u',
            password: 'p',
            register_project: true,
          },
          'ann',
        ),
        upstream: { '/post': (_, response) => void response.writeHead(500).end('oops') },
      },
      push(
        'ann/base',
        {
          name: 'other',
          version: '1.0',
          posturl: 'http://127.0.0.1:9/',
          username: 'u',
          password: 'p',
        },
        'ann',
      ),
      {
        ...push(
          'ann/base',
          {
            name: 'other',
            version: '1.0',
            posturl: 'http://127.0.0.1:9/',
            username: 'u',
            password: 'p',
            register_project: true,
          },
          'ann',
        ),
        differs: 'told-why-unreachable',
      },
      push('ann/base', { name: 'other', version: '1.0', posturl: '{upstream}/post' }, 'ann'),
      push('ann/base', { name: 'other', version: '1.0', username: 'u', password: 'p' }, 'ann'),
      {
        ...push('ann/base', {
          name: 'other',
          version: '1.0',
          posturl: '{upstream}/post',
          username: 'u',
          password: 'p',
        }),
        differs: 'login-for-external-push',
      },
    ],
  },
]
