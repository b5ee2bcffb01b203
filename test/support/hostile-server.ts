/** A server on which every text that a stranger may give is one that tries to run, and its pages. */
import { startApi, type Api } from './api.ts'
import { makeDocs, sendDocs } from './docs.ts'
import { memberPages, namedPages, queriedPages, readablePages } from './hostile-pages.ts'
import { startHostileUpstream } from './hostile-upstream.ts'
import {
  hostileAddresses,
  hostileLine,
  hostileNames,
  hostileQueries,
  hostileText,
  hostileTexts,
} from './hostile-text.ts'
import { firstResult, sendToxresult } from './toxresults.ts'
import { sendFile, urlOf, type Fields } from './upload.ts'
import { makeSdist, makeWheel, type Distribution } from './wheel.ts'

export interface HostileServer extends AsyncDisposable {
  readonly api: Api
  /** What anybody may read: pages, and what else a browser may be shown; one of each kind. */
  readonly pages: readonly string[]
  /** More of these kinds, many and each with other texts. */
  readonly more: readonly string[]
  /** Of `ada`, who is logged in. */
  readonly ownPages: readonly string[]
  /** Documentation, which runs as a stranger's. */
  readonly docs: string
}

export async function startHostileServer(): Promise<HostileServer> {
  const upstream = await startHostileUpstream()
  const api = await startApi({ indexes: ['ada/dev'] })
  await describePeople(api)
  await addMirrors(api, upstream.url)
  const wheel = await addReleases(api)
  const result = await addResult(api, wheel)
  const docs = '/ada/dev/evil/1.2/+d/index.html'
  await api.app.search.caughtUp()
  const members = await memberPages(api, wheel)

  return {
    api,
    docs,
    pages: [
      ...readablePages(wheel, VERSIONS),
      ...upstream.versions.map((version) => `/root/far/evil/${encodeURIComponent(version)}`),
      ...[result, ...members.slice(0, 10)],
      ...hostileQueries.slice(0, 1).flatMap(queriedPages),
      ...hostileNames.slice(0, 1).flatMap(namedPages),
    ],
    more: [
      ...members.filter((_, at) => at % 6 === 0),
      ...hostileQueries.flatMap(queriedPages),
      ...hostileNames.flatMap(namedPages),
    ],
    ownPages: [
      ...['/', '/ada', '/ada/dev', '/root/far', '/+status', '/ada/+edit', '/ada/dev/+edit'],
      ...['/ada/dev/+upload', '/ada/dev/evil/1.2', '/ada/dev/evil/1.2/+push', '/ada/+delete'],
      ...['/ada/dev/evil/1.2/+yank', '/ada/dev/evil/1.2/+delete', '/ada/dev/evil/+delete'],
      ...hostileQueries.map((text) => `/+login?goto_url=${encodeURIComponent(text)}`),
    ],
    async [Symbol.asyncDispose]() {
      await api[Symbol.asyncDispose]()
      await upstream[Symbol.asyncDispose]()
    },
  }
}

const customData = {
  group: hostileLine,
  order: hostileLine,
  [hostileLine]: hostileTexts.map((text) => text.replaceAll('\0', '').toWellFormed()),
}

async function describePeople(api: Api): Promise<void> {
  const said = { title: hostileLine, description: hostileText, custom_data: customData }
  await succeed(api.patch('/ada', { as: 'ada', json: { email: hostileLine, ...said } }))
  // A member of a list is cut by no comma here.
  const members = hostileTexts.map((text) => text.replaceAll('\0', '').toWellFormed().slice(0, 900))
  const acl = { acl_upload: ['ada', ...members], acl_toxresult_upload: [':ANONYMOUS:', ...members] }
  await succeed(api.patch('/ada/dev', { as: 'ada', json: { ...said, ...acl, volatile: true } }))
}

async function addMirrors(api: Api, url: (path: string) => string): Promise<void> {
  const web = { title: hostileLine, description: hostileText, custom_data: customData }
  for (const [name, path] of [
    ['root/far', 'simple/'],
    ['root/broken', 'broken/'],
  ] as const) {
    const format = `https://a.example/"><script>alert(1)</script>'${hostileLine.slice(0, 3000)}{name}`
    const options = { type: 'mirror', mirror_url: url(path), mirror_web_url_fmt: format, ...web }
    await api.makeIndex(name, options)
  }
  await api.makeIndex('eve/dev', { bases: ['root/far', 'root/broken'] })
}

/** What a form may say of a release; the readme is another in each. */
const fields: Fields = {
  summary: hostileLine,
  keywords: hostileTexts.join(','),
  author: hostileLine,
  author_email: `"${hostileLine.slice(0, 9000)}" <"onclick=alert(1)@a.example>`,
  maintainer: hostileLine,
  maintainer_email: '"onpointerover=alert(1)@a.example',
  license: hostileText,
  home_page: 'javascript:alert(1)',
  download_url: 'data:text/html,<script>alert(1)</script>',
  comment: hostileLine,
  requires_python: '>=3" onclick="alert(1)',
  classifiers: hostileTexts.flatMap((text) => [text, `${text} :: ${text}`]),
  platform: hostileTexts,
  requires: hostileTexts,
  provides: hostileTexts,
  dynamic: hostileTexts,
  license_file: hostileTexts,
  requires_dist: hostileTexts.flatMap((text) => [text, `chain${text}`]),
  provides_extras: hostileTexts,
  project_urls: [
    ...hostileAddresses.map((address) => `${hostileTexts[0]}, ${address}`),
    ...hostileTexts.map((text) => `${text.replaceAll(',', ' ')}, https://a.example/`),
  ],
}

/** The first has nothing else, so that all differs from it. */
const readmes: readonly [version: string, type: string, readme: string][] = [
  ['1.0', 'text/markdown', hostileTexts.join('\n\n')],
  ['1.1', 'text/x-rst', hostileTexts.join('\n\n')],
  ['1.2', 'text/plain', hostileText],
  ['1.3', hostileLine, hostileText],
]

const VERSIONS = readmes.map(([version]) => version)

async function addReleases(api: Api): Promise<Distribution> {
  const add = async (file: Distribution, version: string, more: Fields) => {
    await succeed(sendFile(api, 'ada/dev', file, { ...more, name: 'evil', version }))
    return file
  }
  const wheels: Distribution[] = []
  for (const [version, type, readme] of readmes) {
    const wheel = makeWheel('evil', version, {
      content: version === '1.1' ? `${hostileText}\n1.1` : hostileText.replaceAll('alert', 'Alert'),
      extraFiles: hostileMembers(version),
    })
    const described = { description: readme, description_content_type: type }
    wheels.push(await add(wheel, version, { ...(version === '1.0' ? {} : fields), ...described }))
  }
  await add(makeSdist('evil', '1.3'), '1.3', { summary: hostileLine })
  const docs = { [hostileLine.slice(0, 100).replaceAll('/', '')]: hostileText }
  const index = `<title>${hostileText}</title>${hostileText}`
  await succeed(
    sendDocs(api, makeDocs({ ...docs, 'index.html': index }), { name: 'evil', version: '1.2' }),
  )
  await succeed(
    api.put('/ada/dev/evil/1.0/+yank', { as: 'ada', json: { reason: hostileLine.slice(0, 500) } }),
  )
  return wheels[1]!
}

/** By path: the slashes in them make folders, and some have none. */
const hostileMembers = (text: string): Record<string, string> =>
  Object.fromEntries(
    hostileTexts
      .map((one) =>
        one
          .toWellFormed()
          .replace(/[\p{Cc}\\]|\.{2}/gu, '')
          .slice(0, 200),
      )
      .flatMap((one) => [one.replace(/\/+/g, '/'), one.replaceAll('/', '')])
      .map((one) => [`evil/${one.replace(/^[./]+/, '')}.txt`, `${one}\n${text}`]),
  )

async function addResult(api: Api, wheel: Distribution): Promise<string> {
  const run = (text: string) => [{ command: [text, text], output: text, retcode: 1 }]
  const environments = hostileTexts.map((text) => [
    text,
    { python: { version: text }, setup: run(text), test: run(text) },
  ])
  const sent = {
    host: hostileLine,
    platform: hostileLine,
    testenvs: Object.fromEntries(environments),
  }
  await succeed(sendToxresult(api, urlOf(wheel), JSON.stringify(sent)))
  const results = `/ada/dev/evil/1.1/+toxresults/${wheel.filename}`
  return firstResult(api, results)
}

async function succeed(sent: ReturnType<Api['get']>): Promise<void> {
  const { status, text } = await sent
  if (status >= 300) throw new Error(`${status} ${text.slice(0, 1000)}`)
}
