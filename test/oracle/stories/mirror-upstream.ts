/** What the stories of mirrors have upstream, and words that they are told with. */
import type { ServerResponse } from 'node:http'
import { body, type Answer } from '../../support/fake-upstream.ts'
import { makeSdist, makeWheel, type Distribution } from '../../support/wheel.ts'
import type { Step } from '../step.ts'
import { makeIndex, simpleJson, get } from '../telling.ts'

export const wheel = makeWheel('pkg', '1.0')
export const sdist = makeSdist('pkg', '1.1')
export const hashless = makeWheel('pkg', '1.2')
export const wrong = makeWheel('pkg', '1.3')
export const added = makeWheel('pkg', '2.0')
export const own = makeWheel('pkg', '0.1')
export const late = makeWheel('late', '1.0')
// What one mirror has stored, another need not fetch: each has a file of its own where requests are counted.
export const external = makeWheel('external', '1.0')
export const secret = makeWheel('secret', '1.0')
export const fresh = makeWheel('fresh', '1.0')
export const failing = makeWheel('pkg', '1.0', { content: '# never fetched\n' })
export const absent = makeSdist('pkg', '1.0', { content: '# never there\n' })
export const described = makeWheel('described', '1.0')

export const page = (index: string, project = 'pkg', more: Partial<Step> = {}): Step =>
  get(`/${index}/+simple/${project}/`, { accept: 'text/html', ...more })

export const json = (value: object, options: object = {}): Answer =>
  body(JSON.stringify({ meta: { 'api-version': '1.0' }, ...value }), {
    type: simpleJson,
    ...options,
  })

export const names = (...projects: string[]): Answer =>
  json({ projects: projects.map((name) => ({ name })) }, { etag: `"${projects.join()}"` })

export const htmlNames = (...projects: string[]): Answer =>
  body(projects.map((name) => `<a href="/simple/${name}/">${name}</a><br/>`).join('\n'))

export const entry = ({ filename, sha256 }: Distribution, more: object = {}): object => ({
  filename,
  url: `/files/${filename}`,
  hashes: { sha256 },
  ...more,
})

export const project = (files: readonly object[], options: object = {}): Answer =>
  json({ name: 'pkg', files }, options)

export const file = (one: Distribution): Answer =>
  body(one.bytes, {
    type: one.filename.endsWith('.gz') ? 'application/x-tar' : 'application/octet-stream',
    headers: {
      'last-modified': 'Sat, 01 Jan 2022 00:00:00 GMT',
      'set-cookie': 'a=b',
      'x-devpi-serial': '9',
    },
  })

export const fails =
  (status: number): Answer =>
  (_, response: ServerResponse) =>
    void response.writeHead(status).end('oops')

export const files: Record<string, Answer> = {
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

export const mirror = (name: string, options: object = {}): Step =>
  makeIndex(name, { type: 'mirror', mirror_url: '{upstream}/simple/', ...options })

export const everything = { accept: '*/*' }
