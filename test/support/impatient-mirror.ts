/** A started server with mirrors whose patience is short, and the upstream of both, which a test answers for. */
import { byPath, startFakeUpstream, type Answer, type FakeUpstream } from './fake-upstream.ts'
import { startYard, type Yard, type YardOptions } from './yard.ts'

export interface ImpatientMirror extends AsyncDisposable {
  readonly yard: Yard
  readonly upstream: FakeUpstream
  /** By path upstream; all others are answered with 404. */
  readonly answers: Record<string, Answer>
  /** A project page of the mirror whose links are good for half an hour. */
  readonly page: (project: string) => string
  /** The same project in the mirror that asks upstream every time. */
  readonly eagerPage: (project: string) => string
}

/** 0.3 s for a page, half a second of silence. */
const IMPATIENT = [
  '--request-timeout',
  '300ms',
  '--upstream-first-byte-timeout',
  '1s',
  '--upstream-stall-timeout',
  '500ms',
]
/** Far more than all limits together. */
const BOUND_MS = 15_000

export async function startImpatientMirror({
  stages = [],
  ...options
}: Pick<YardOptions, 'disk' | 'stages'> = {}): Promise<ImpatientMirror> {
  const answers: Record<string, Answer> = {}
  const upstream = await startFakeUpstream((request, response) =>
    byPath(answers)(request, response),
  )
  // A list of names would take its part of the little time that a page has.
  const mirror = {
    type: 'mirror',
    mirror_url: upstream.url('simple/'),
    mirror_no_project_list: true,
  }
  const yard = await startYard({
    ...options,
    args: IMPATIENT,
    stages: [
      { ...mirror, name: 'ada/mirror' },
      { ...mirror, name: 'ada/eager', mirror_cache_expiry: 0 },
      ...stages,
    ],
  })
  // The first request to an upstream loads what all need, which may take longer than these mirrors wait.
  await askSoon(yard.url('ada/mirror/+simple/none/'))
  return {
    yard,
    upstream,
    answers,
    page: (project) => yard.url(`ada/mirror/+simple/${project}/`),
    eagerPage: (project) => yard.url(`ada/eager/+simple/${project}/`),
    async [Symbol.asyncDispose]() {
      await yard[Symbol.asyncDispose]()
      await upstream.close()
    },
  }
}

/** Makes the mirror forget how fresh its links are, as somebody who knows better can. */
export async function refresh(pageUrl: string): Promise<void> {
  await askSoon(`${pageUrl}refresh`, { method: 'POST', redirect: 'manual' })
}

/** An answer within a bound that no fault of an upstream may exceed. */
export function askSoon(url: string, options: RequestInit = {}): Promise<Response> {
  return fetch(url, { ...options, signal: AbortSignal.timeout(BOUND_MS) })
}
