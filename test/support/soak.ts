/**
 * Everything that goes on at a server, at once and again and again, for as long as one wants: uploads, removals, pages, downloads,
 * a mirror and real installers. What it gets is compared with what it was told; every answer that is not right is kept.
 */
import { randomBytes } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import { makeUv } from './clients.ts'
import { devpiAuth, logIn, PASSWORD } from './devpi-api.ts'
import { sha256 } from './listed-files.ts'
import { makeUploader } from './uploader.ts'
import { makeWheel } from './wheel.ts'

export interface SoakOptions {
  /** The server's address: it has the indexes that `soakStages` makes. */
  readonly url: (path: string) => string
  readonly isOver: () => boolean
  /** Milliseconds that each client rests between two requests. */
  readonly restMs?: number
  /** Real installers, which take much of a core. */
  readonly installers?: number
}

export interface Soaked {
  readonly requests: number
  readonly uploads: number
  readonly removals: number
  readonly installs: number
  /** Empty where all was well. */
  readonly errors: readonly string[]
}

const UPLOADERS = 2
const READERS = 4
const MIRROR_READERS = 2
const PROJECTS = 10
/** Versions that each uploader keeps; the oldest goes. */
const KEPT = 2
const PROJECTS_OF_UPSTREAM = 40
const LARGE_EVERY = 20
const MOST_ERRORS = 20

/** The files of an upstream for `soakStages`. */
export const soakFiles = () =>
  Array.from({ length: PROJECTS_OF_UPSTREAM }, (_, at) => makeWheel(projectAt(at), '1.0'))

const projectAt = (at: number): string => `mirrored${at}`

export const soakStages = (upstreamUrl: string) => [
  { name: 'ada/dev', volatile: true },
  { name: 'ada/mirror', type: 'mirror', mirror_url: upstreamUrl, mirror_cache_expiry: 5 },
  { name: 'ada/over', bases: ['ada/dev', 'ada/mirror'] },
]

interface Known {
  readonly project: string
  readonly version: string
  readonly filename: string
  readonly sha256: string
}

export async function soak(options: SoakOptions): Promise<Soaked> {
  const { url, isOver, restMs = 20, installers = 1 } = options
  const counts = { requests: 0, uploads: 0, removals: 0, installs: 0 }
  const errors: string[] = []
  /** What was acknowledged and nobody has begun to remove, by uploader. */
  const known: Known[][] = Array.from({ length: UPLOADERS }, () => [])
  const mirrored = new Map(soakFiles().map((file, at) => [projectAt(at), file.sha256]))
  const token = await logIn(url(''), 'ada', PASSWORD)

  async function repeat(step: () => Promise<void>): Promise<void> {
    while (!isOver()) {
      try {
        await step()
      } catch (error) {
        if (errors.length < MOST_ERRORS) errors.push(describe(error))
      }
      await wait(restMs)
    }
  }

  await Promise.all([
    ...known.map((own, at) => repeat(uploading(own, at))),
    ...Array.from({ length: READERS }, () => repeat(readOwn)),
    ...Array.from({ length: MIRROR_READERS }, () => repeat(readMirrored)),
    ...Array.from({ length: installers }, () => repeat(install)),
  ])
  return { ...counts, errors }

  function uploading(own: Known[], at: number): () => Promise<void> {
    const uploader = makeUploader()
    let count = 0
    return async () => {
      const project = `soak-${at}-${count % PROJECTS}`
      const version = `1.${count}`
      const size = count++ % LARGE_EVERY === 0 ? 1_000_000 : 2000
      const wheel = makeWheel(project, version, {
        extraFiles: { 'ballast.bin': randomBytes(size) },
      })
      const reply = await uploader.upload(url('ada/dev/'), wheel)
      counts.requests++
      if (reply.status !== 200) throw new Error(`upload: ${reply.status} ${reply.text}`)
      counts.uploads++
      own.push({ project, version, filename: wheel.filename, sha256: wheel.sha256 })
      if (own.length <= KEPT * PROJECTS) return
      const oldest = own.shift()
      if (oldest) await remove(oldest)
    }
  }

  async function remove({ project, version }: Known): Promise<void> {
    const response = await fetch(url(`ada/dev/${project}/${version}`), {
      method: 'DELETE',
      headers: { accept: 'application/json', ...devpiAuth({ user: 'ada', secret: token }) },
    })
    counts.requests++
    const text = await response.text()
    if (!response.ok) throw new Error(`DELETE ${project} ${version}: ${response.status} ${text}`)
    counts.removals++
  }

  /** What an uploader was told is kept is on the page, whole: as long as nobody removes it meanwhile. */
  async function readOwn(): Promise<void> {
    const own = pick(known)
    const wanted = own && pick(own)
    if (!own || !wanted) return
    const index = pick(['ada/dev', 'ada/over'])
    const page = url(`${index}/+simple/${wanted.project}/`)
    const file = await findFile(page, wanted.filename)
    const bytes = file === undefined ? undefined : await get(file)
    if (!own.includes(wanted)) return
    if (bytes === undefined) throw new Error(`${page} lacks ${wanted.filename}`)
    if (sha256(bytes) !== wanted.sha256) throw new Error(`${wanted.filename} has other bytes`)
  }

  async function readMirrored(): Promise<void> {
    const project = pick([...mirrored.keys()]) ?? ''
    const page = url(`${pick(['ada/mirror', 'ada/over'])}/+simple/${project}/`)
    const file = await findFile(page, `${project}-1.0-py3-none-any.whl`)
    if (file === undefined) throw new Error(`${page} lacks its file`)
    if (sha256(await get(file)) !== mirrored.get(project))
      throw new Error(`${file} has other bytes than upstream`)
  }

  async function install(): Promise<void> {
    const project = pick([...mirrored.keys()]) ?? ''
    await using uv = await makeUv()
    const { code, output } = await uv.install(project, url('ada/over/+simple/'), '--no-cache')
    if (code !== 0) throw new Error(`uv: ${output}`)
    counts.installs++
    await wait(restMs * 50)
  }

  async function findFile(page: string, filename: string): Promise<string | undefined> {
    const accept = pick(['application/vnd.pypi.simple.v1+json', 'text/html']) ?? ''
    const text = (await get(page, accept)).toString()
    if (accept !== 'text/html') {
      const { files } = JSON.parse(text) as { files: { filename: string; url: string }[] }
      const found = files.find((file) => file.filename === filename)
      return found && new URL(found.url, page).href
    }
    const href = new RegExp(`href="([^"#]*/${RegExp.escape(filename)})[#"]`).exec(text)?.[1]
    return href === undefined ? undefined : new URL(href, page).href
  }

  /** A file that was removed in this moment is an empty answer. */
  async function get(address: string, accept = '*/*'): Promise<Buffer> {
    const response = await fetch(address, { headers: { accept } })
    const bytes = Buffer.from(await response.arrayBuffer())
    counts.requests++
    const isGone = response.status === 404 || response.status === 410
    if (response.status === 200 || isGone) return isGone ? Buffer.from('{"files":[]}') : bytes
    throw new Error(`GET ${address}: ${response.status} ${bytes.toString().slice(0, 300)}`)
  }
}

function pick<T>(list: readonly T[]): T | undefined {
  return list[Math.floor(Math.random() * list.length)]
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const { cause } = error
  return cause instanceof Error ? `${error.message}: ${cause.message}` : error.message
}
