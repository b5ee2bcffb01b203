/** A stage over a mirror whose upstream tells times, sizes and whatever a test wants of its files. */
import type { Config } from '#config'
import { startApi, type Api } from './api.ts'
import { body, byPath, startFakeUpstream, type FakeUpstream } from './fake-upstream.ts'
import type { Distribution } from './wheel.ts'

/** The mirror of a policed world, its own stage, and the time at which it begins: 2026-06-01. */
export const POLICED_MIRROR = 'ada/mirror'
export const POLICED_STAGE = 'ada/dev'
export const BEGINNING = Date.UTC(2026, 5, 1)

export const DAY_MS = 24 * 3_600_000
export const SIMPLE_JSON = 'application/vnd.pypi.simple.v1+json'

/** Files as upstream's JSON lists them; what else is said of one overrides. */
export interface UpstreamFile {
  readonly built: Distribution
  readonly facts?: Readonly<Record<string, unknown>>
}

export interface PolicedWorld extends AsyncDisposable {
  readonly api: Api
  readonly upstream: FakeUpstream
  /** Lets time pass for the server. */
  pass(ms: number): void
  /** The file names on the stage's page of a project (or another index's), or none where there is no page. */
  shown(project: string, index?: string): Promise<string[]>
  /** The path at which a page's file is served. */
  pathOf(filename: string, project: string, index?: string): Promise<string>
  /** Changes options of the stage, or of another index. */
  set(options: Readonly<Record<string, unknown>>, index?: string): Promise<void>
}

export async function startPolicedWorld(
  projects: Readonly<Record<string, readonly UpstreamFile[]>>,
  config: Partial<Config> = {},
): Promise<PolicedWorld> {
  const routes = Object.entries(projects).flatMap(([project, files]) => [
    [`/simple/${project}/`, pageOf(project, files)] as const,
    ...files.map(({ built }) => [`/f/${built.filename}`, body(built.bytes)] as const),
  ])
  const list = {
    meta: { 'api-version': '1.4' },
    projects: Object.keys(projects).map((name) => ({ name })),
  }
  const upstream = await startFakeUpstream(
    byPath({
      '/simple/': body(JSON.stringify(list), { headers: { 'content-type': SIMPLE_JSON } }),
      ...Object.fromEntries(routes),
    }),
  )
  let now = BEGINNING
  const api = await startApi({ config, clock: { now: () => now } })
  await api.makeIndex(POLICED_MIRROR, { type: 'mirror', mirror_url: upstream.url('/simple/') })
  await api.makeIndex(POLICED_STAGE, { bases: [POLICED_MIRROR] })

  const filesOf = async (
    project: string,
    index: string,
  ): Promise<{ filename: string; url: string }[]> => {
    const reply = await api.get(`/${index}/+simple/${project}/`, { accept: SIMPLE_JSON })
    return reply.status === 200 ? reply.json.files : []
  }
  return {
    api,
    upstream,
    pass: (ms) => void (now += ms),
    shown: async (project, index = POLICED_STAGE) =>
      (await filesOf(project, index)).map(({ filename }) => filename).sort(),
    async pathOf(filename, project, index = POLICED_STAGE) {
      const file = (await filesOf(project, index)).find((one) => one.filename === filename)
      if (!file) throw new Error(`${filename} is not on the page of ${project} on ${index}`)
      return new URL(file.url, `http://x/${index}/+simple/${project}/`).pathname
    },
    async set(options, index = POLICED_STAGE) {
      const { status, message } = await api.patch(`/${index}`, { as: 'ada', json: options })
      if (status !== 200) throw new Error(`${status} ${message}`)
    },
    async [Symbol.asyncDispose]() {
      await api[Symbol.asyncDispose]()
      await upstream.close()
    },
  }
}

function pageOf(name: string, files: readonly UpstreamFile[]) {
  const page = {
    meta: { 'api-version': '1.4' },
    name,
    versions: [],
    files: files.map(({ built: { filename, sha256, bytes }, facts }) => ({
      filename,
      url: `/f/${filename}`,
      hashes: { sha256 },
      size: bytes.length,
      ...facts,
    })),
  }
  return body(JSON.stringify(page), { headers: { 'content-type': SIMPLE_JSON } })
}
