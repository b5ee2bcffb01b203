/** Of releases: files, what is known of them, their core metadata and their test results. */
import { makeWheel } from '../../support/wheel.ts'
import type { Chapter } from '../step.ts'
import { readPage, upload, urlOf, get } from '../telling.ts'
import { wheel, sdist, other, toxOf, odd } from './release-parts.ts'

export const releaseFiles: readonly Chapter[] = [
  {
    title: 'a file is bytes, or what is known of it in JSON',
    rows: [83, 113, 117, 171],
    steps: [
      get(urlOf('ann/dev', wheel), { accept: '*/*' }),
      get(urlOf('ann/dev', wheel), { accept: '' }),
      get(urlOf('ann/dev', wheel)),
      get(urlOf('ann/dev', wheel), { accept: 'text/html, application/json;q=0.1' }),
      get(`${urlOf('ann/dev', wheel)}/`, { accept: '*/*' }),
      get(urlOf('ann/dev', sdist), { accept: '*/*' }),
      { ask: `HEAD ${urlOf('ann/dev', wheel)}`, accept: '*/*', also: ['content-length'] },
      {
        ask: `PUT ${urlOf('ann/dev', wheel)}`,
        as: 'ann',
        accept: '*/*',
        differs: 'wrong-method',
      },
      get(urlOf('ann/dev', makeWheel('pkg', '9.9'))),
      get(urlOf('ann/dev', makeWheel('pkg', '9.9')), { accept: '*/*' }),
      get('/ann/dev/+f/abc/def/nonsense', { accept: '*/*' }),
      get('/ann/dev/+f/abc', { accept: '*/*' }),
      get('/ann/dev/+e/abc/pkg-1.0.zip', { accept: '*/*' }),
      get('/ann/nope/+f/abc/def/pkg-1.0.zip', { accept: '*/*' }),
    ],
  },
  {
    title: 'part of a file may be asked for, and what the client has need not be sent',
    rows: [116],
    steps: [
      get(urlOf('ann/dev', wheel), { accept: '*/*', headers: { range: 'bytes=0-9' } }),
      get(urlOf('ann/dev', wheel), {
        accept: '*/*',
        headers: { 'if-modified-since': 'Fri, 01 Jan 2100 00:00:00 GMT' },
      }),
    ],
  },
  {
    title: 'the core metadata of a wheel is a file beside it',
    rows: [156, 157, 158, 160, 161],
    steps: [
      get(`${urlOf('ann/dev', wheel)}.metadata`, { accept: '*/*' }),
      get(`${urlOf('ann/dev', wheel)}.metadata`),
      get(`${urlOf('ann/dev', wheel).replace('+f', '%2Bf')}.metadata`, { accept: '*/*' }),
      get(`${urlOf('ann/dev', sdist)}.metadata`),
      get(`${urlOf('ann/dev', makeWheel('pkg', '9.9'))}.metadata`),
      upload('ann/dev', makeWheel('bare', '1.0', { omit: ['METADATA'] })),
      ...readPage('ann/dev', 'bare', { differs: 'core-metadata-unread' }),
      get(`${urlOf('ann/dev', makeWheel('bare', '1.0', { omit: ['METADATA'] }))}.metadata`),
      { ask: `DELETE ${urlOf('ann/dev', wheel)}.metadata`, as: 'ann' },
    ],
  },
  {
    title: 'metadata is found in a wheel whose folder is spelled as its project',
    rows: [159],
    steps: [
      upload('ann/dev', odd, { fields: { name: 'Odd.Name', version: '1.0' } }),
      get(`${urlOf('ann/dev', odd)}.metadata`, { accept: '*/*' }),
    ],
  },
  {
    title: 'a proxy asks which addresses are good',
    rows: [150],
    steps: [
      get('/+authcheck'),
      get('/+authcheck', { headers: { 'x-original-uri': 'http://x/ann/dev/+api' } }),
      get('/+authcheck', { headers: { 'x-original-uri': 'http://x/+login' } }),
      get('/+authcheck', { headers: { 'x-original-uri': `http://x${urlOf('ann/dev', wheel)}` } }),
      get('/+authcheck', { headers: { 'x-original-uri': 'http://x/ann/dev/+simple/pkg/' } }),
      get('/+authcheck', { headers: { 'x-original-uri': 'http://x/ann/dev/+f/a/b/c/d/e/f' } }),
      get('/+authcheck', { headers: { 'x-original-uri': 'http://x/+nope' } }),
      get('/+authcheck', { headers: { 'x-original-uri': 'http://x/a/b/c/d/e' } }),
      get('/+authcheck', { headers: { 'x-original-uri': 'http://x/ann/dev/+nope' } }),
      get('/+authcheck/'),
    ],
  },
  {
    title: 'test results are posted to a file and linked with it',
    rows: [121, 122, 123, 170],
    steps: [
      { ask: `POST ${urlOf('ann/dev', wheel)}`, body: '{"a": 1}', keep: { tox: toxOf } },
      { ask: `POST ${urlOf('ann/dev', wheel)}`, as: 'ann', body: '[2]', keep: { tox2: toxOf } },
      { ask: `POST ${urlOf('ann/dev', wheel)}`, as: 'ann', body: 'nonsense' },
      { ask: `POST ${urlOf('ann/dev', wheel)}`, as: 'ann', body: '' },
      get('{tox}', { accept: '*/*' }),
      get('{tox}'),
      get('{tox2}', { accept: '*/*' }),
      get('/ann/dev/pkg/1.0'),
      { ask: `POST ${urlOf('ann/dev', makeWheel('pkg', '9.9'))}`, as: 'ann', body: '{}' },
      { ask: `POST ${urlOf('ann/dev', other)}`, as: 'ann', body: '{}' },
      { ask: 'POST {tox}', as: 'ann', body: '{}' },
      { ask: `POST ${urlOf('ann/dev', wheel)}.metadata`, as: 'ann', body: '{}' },
      { ask: 'PATCH /ann/dev', as: 'ann', json: { acl_toxresult_upload: [] } },
      { ask: `POST ${urlOf('ann/dev', wheel)}`, as: 'ann', body: '{}' },
      { ask: `POST ${urlOf('ann/dev', wheel)}`, body: '{}', accept: '*/*' },
      { ask: 'PATCH /ann/dev', as: 'ann', json: { acl_toxresult_upload: ['ben'] } },
      { ask: `POST ${urlOf('ann/dev', wheel)}`, as: 'ben', body: '{"b": 2}' },
      get('/ann/dev/pkg/1.0'),
    ],
  },
]
