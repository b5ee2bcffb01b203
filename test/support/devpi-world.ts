/** A devpi-server with something of everything that can be moved. */
import { Speaker } from '../oracle/speaker.ts'
import { get, makeIndex, push, signUp, submit, upload, uploadDocs } from '../oracle/telling.ts'
import { toxOf } from '../oracle/stories/release-parts.ts'
import type { Step } from '../oracle/step.ts'
import { makeDocs } from './docs.ts'
import { startStaticIndex } from './static-index.ts'
import { toxResult } from './toxresults.ts'
import { startDevpiServer, type DevpiServer } from './upstream.ts'
import { urlOf } from './upload.ts'
import { makeSdist, makeWheel } from './wheel.ts'

export const wheel = makeWheel('Hello.World', '1.0', { requiresPython: '>=3.8' })
export const sdist = makeSdist('Hello.World', '1.0', { requiresPython: '>=3.8' })
const newer = makeWheel('Hello.World', '2.0+local.1')
const pushed = makeWheel('anchor', '1.0', { requiresDist: ['chain'] })
const replaced = makeWheel('rope', '1.0', { content: 'a = 1\n' })
const replacing = makeWheel('rope', '1.0', { content: 'a = 2\n' })
/** Of the mirror `root/far`. */
export const mirrored = makeWheel('chain', '3.0', { requiresPython: '>=3.6' })

const fields = (name: string, version: string, more: object = {}) => ({
  fields: { name, version, ...more },
})
const asks = { requires_python: '>=3.8' }
const title = {
  title: 'Träume ☃',
  description: 'A "quoted" \\ thing\n',
  custom_data: { a: [1, null] },
}

const toxresult = (file: typeof wheel, index: string, name: string): Step => ({
  ask: `POST /${urlOf(file, index).replace(/^\//, '')}`,
  json: JSON.parse(toxResult(name)) as unknown,
  keep: { [name]: toxOf },
})

export const worldSteps = (upstream: string): readonly Step[] => [
  { ask: 'POST /+login', json: { user: 'root', password: '' } },
  ...signUp('alice'),
  ...signUp('bob'),
  { ask: 'PATCH /alice', as: 'alice', json: { email: 'alice@example.com', ...title } },
  makeIndex('alice/prod', { bases: [], volatile: false, acl_upload: ['alice', 'bob'] }),
  makeIndex('root/far', { type: 'mirror', mirror_url: upstream, volatile: false }),
  makeIndex('alice/dev', {
    bases: ['alice/prod', 'root/far'],
    ...{ volatile: true, mirror_whitelist: ['*'], ...title, acl_toxresult_upload: ['alice'] },
  }),
  makeIndex('bob/own', { bases: ['alice/dev'], mirror_whitelist_inheritance: 'union' }),
  upload('alice/dev', wheel, fields('Hello.World', '1.0', { ...asks, summary: 'Says hello' })),
  upload('alice/dev', sdist, fields('Hello.World', '1.0', { ...asks, classifiers: ['A', 'B'] })),
  upload(
    'alice/dev',
    newer,
    fields('Hello.World', '2.0+local.1', { description: 'ä\n'.repeat(99) }),
  ),
  upload('alice/dev', pushed, fields('anchor', '1.0')),
  upload('alice/dev', replaced, fields('rope', '1.0')),
  upload('alice/dev', replacing, fields('rope', '1.0')),
  submit('alice/dev', { name: 'registered', version: '0.1', summary: 'Only a name' }),
  uploadDocs('alice/dev', makeDocs({ 'a.html': 'a' }).bytes, fields('Hello.World', '1.0')),
  { ...toxresult(wheel, 'alice/dev', 'py311'), as: 'alice' },
  { ...toxresult(wheel, 'alice/dev', 'py312'), as: 'alice' },
  uploadDocs('alice/dev', makeDocs({ 'b.html': 'b' }).bytes, fields('anchor', '1.0')),
  push('alice/dev', { name: 'anchor', version: '1.0', targetindex: 'alice/prod' }, 'alice'),
  get(`/root/far/+simple/chain/`, { accept: 'text/html' }),
]

export interface DevpiWorld extends AsyncDisposable {
  readonly devpi: DevpiServer
  /** Says something more to it. */
  say(more: readonly Step[]): Promise<void>
}

/** The upstream of `root/far` is gone by the time it is handed over; the one file it had was fetched. */
export async function startDevpiWorld(): Promise<DevpiWorld> {
  await using stack = new AsyncDisposableStack()
  const upstream = await startStaticIndex([
    { ...mirrored, requiresPython: '>=3.6', yanked: 'too heavy' },
  ])
  stack.defer(() => upstream.close())
  const devpi = stack.use(await startDevpiServer({ web: true }))
  const speaker = stack.use(await Speaker.open(devpi.url()))
  const say = async (more: readonly Step[]): Promise<void> => {
    for (const step of more) {
      const { status, body, reason } = await speaker.say(step)
      if (status >= 400) throw new Error(`${step.ask}: ${status} ${reason} ${JSON.stringify(body)}`)
    }
  }
  await say(worldSteps(upstream.url('simple/')))
  const page = await (await fetch(devpi.url('/root/far/+simple/chain/'))).text()
  const [, path = ''] = /href="([^"#]+)/.exec(page) ?? []
  const fetched = await fetch(new URL(path, devpi.url('/root/far/+simple/chain/')))
  if (!fetched.ok) throw new Error(`the mirrored file: ${fetched.status}`)
  await fetched.arrayBuffer()
  const owned = stack.move()
  return { devpi, say, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}

/** More that happens after a first export. */
export const later: readonly Step[] = [
  ...signUp('carol'),
  makeIndex('carol/new', { bases: ['alice/prod'] }),
  upload('carol/new', makeWheel('fresh', '1.0'), fields('fresh', '1.0')),
  upload('alice/dev', makeWheel('anchor', '1.1'), fields('anchor', '1.1')),
  { ask: 'DELETE /alice/dev/rope', as: 'alice' },
  { ask: 'PATCH /alice/dev', as: 'alice', json: { bases: ['alice/prod'] } },
  { ask: 'DELETE /bob/own', as: 'bob' },
]
