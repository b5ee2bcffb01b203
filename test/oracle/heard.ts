/** An answer in a form that compares: what must differ between two servers is masked, all else stands. */
import { createHash } from 'node:crypto'
import { parseJson, readErrorPage, readJsonPage, readSimplePage } from './pages.ts'
import type { RawAnswer, Step } from './step.ts'

export interface Heard {
  readonly status: number
  readonly reason: string
  readonly headers: Readonly<Record<string, string>>
  /** JSON, the links of a page, what an error says, or the digest of bytes. */
  readonly body: unknown
  /** How many serials the request made. */
  readonly commits: number
  /** What upstream was asked meanwhile, where that counts. */
  readonly upstream?: readonly string[]
}

/** Addresses of the two servers and of their upstreams, which differ. */
export interface Places {
  readonly root: string
  readonly upstream: string
}

interface Told {
  readonly step: Step
  readonly places: Places
  readonly commits: number
}

export function hear(answer: RawAnswer, { step, places, commits }: Told): Heard {
  const unplaced = (text: string): string => hidePlaces(text, places)
  return {
    status: answer.status,
    reason: unplaced(answer.reason),
    headers: pickHeaders(withWholeLocation(answer, step, places), step.also ?? [], unplaced),
    body: readBody(answer, unplaced, step.ask.split(' ')[1] ?? ''),
    commits,
  }
}

/** A redirect may be relative: it counts where it leads. */
function withWholeLocation(answer: RawAnswer, { ask }: Step, { root }: Places): RawAnswer {
  const { location } = answer.headers
  if (location === undefined) return answer
  const from = ask.split(' ')[1] ?? ''
  const whole = new URL(location, root + from).href
  return { ...answer, headers: { ...answer.headers, location: whole } }
}

function hidePlaces(text: string, { root, upstream }: Places): string {
  const folder = upstream.replaceAll(/:\/\/|:/g, '_')
  return text
    .replaceAll(root, 'ROOT')
    .replaceAll(upstream, 'UPSTREAM')
    .replaceAll(upstream.replace('//', '//user:hidden@'), 'SECRET@UPSTREAM')
    .replaceAll(folder, 'UPSTREAM')
    .replaceAll(/toxresult-\d{14}/g, 'toxresult-TIME')
}

const counted = [
  'content-type',
  'location',
  'cache-control',
  'www-authenticate',
  'pragma',
  'x-accel-buffering',
  'x-devpi-api-version',
  'x-pypi-last-serial',
  'set-cookie',
]

function pickHeaders(
  { headers }: RawAnswer,
  also: readonly string[],
  unplaced: (text: string) => string,
): Record<string, string> {
  const picked = [...counted, ...also].flatMap((name) => {
    const value = headers[name]
    return value === undefined ? [] : [[name, unplaced(String(value))] as const]
  })
  const vary = headers.vary?.split(/,\s*/).toSorted().join(', ')
  const all = Object.fromEntries(picked)
  return {
    ...all,
    ...(all['content-type'] && { 'content-type': all['content-type'].toLowerCase() }),
    ...(vary && { vary }),
    ...(headers['last-modified'] && { 'last-modified': 'DATE' }),
    node: tellNode(headers),
  }
}

/** On a server that is no replica, the node and its primary are one. */
function tellNode(headers: RawAnswer['headers']): string {
  const uuids = ['x-devpi-uuid', 'x-devpi-primary-uuid', 'x-devpi-master-uuid']
  const [uuid = '', ...rest] = uuids.map((name) => String(headers[name] ?? ''))
  if (uuid === '') return 'not said'
  return /^[0-9a-f]{32}$/.test(uuid) && rest.every((one) => one === uuid) ? 'own' : 'other'
}

function readBody(answer: RawAnswer, unplaced: (text: string) => string, path: string): unknown {
  const { headers, bytes, status } = answer
  const type = headers['content-type']?.toLowerCase() ?? ''
  if (bytes.length === 0) return 'EMPTY'
  if (status >= 300 && status < 400) return readErrorPage(unplaced(bytes.toString()), type)
  const isJson = /^application\/(vnd\.pypi\.simple\.v1\+)?json/.test(type)
  if (isJson) return mask(readJsonPage(parseJson(unplaced(bytes.toString())), path), '')
  if (status >= 300) return readErrorPage(unplaced(bytes.toString()), type)
  if (/^text[/_]html/.test(type) && !/\/\+doc?\//.test(path))
    return readSimplePage(unplaced(bytes.toString()), path)
  return `${bytes.length} bytes ${createHash('sha256').update(bytes).digest('hex')}`
}

const isTime = (value: unknown): boolean =>
  Array.isArray(value) && value.length === 6 && value.every((one) => Number.isInteger(one))

/** Times, tokens and the free text of framework errors differ; all else counts. */
function mask(value: unknown, name: string): unknown {
  if (isTime(value)) return 'WHEN'
  if (Array.isArray(value)) return value.map((member) => mask(member, ''))
  if (typeof value !== 'object' || value === null) return maskPlain(value, name)
  if ('polling_replicas' in value) return maskStatus(value)
  const isFrameworkError = 'code' in value && 'title' in value
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [
      key,
      isFrameworkError && key === 'message' ? 'TEXT' : mask(byAddress(key, member), key),
    ]),
  )
}

/** The links of a version by where they lead: their order is none that counts. */
function byAddress(key: string, value: unknown): unknown {
  if (key !== '+links' || !Array.isArray(value)) return value
  const links = value as readonly { readonly href: string }[]
  return Object.fromEntries(links.map((link) => [link.href, link]))
}

/** Which server, where and since when: all but the role and the names of what is told. */
function maskStatus(status: object): unknown {
  return Object.fromEntries(
    Object.entries(status).map(([key, value]) => [key, key === 'role' ? value : typeof value]),
  )
}

const instant = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/
const date = /^\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT$/

function maskPlain(value: unknown, name: string): unknown {
  if (name === 'created' || name === 'modified') return instant.test(String(value)) ? 'TIME' : value
  if (name === 'last_modified') return date.test(String(value)) ? 'DATE' : value
  if (name === 'password') return 'TOKEN'
  return value
}
