/** An upstream whose every text tries to run for those who read it on a page of ours. */
import { SIMPLE_JSON } from './policies.ts'
import { body, byPath, startFakeUpstream, type Answer } from './fake-upstream.ts'
import { hostileLine, hostileText, hostileTexts } from './hostile-text.ts'

export interface HostileUpstream extends AsyncDisposable {
  readonly url: (path: string) => string
  /** Of releases whose own name tries to run. */
  readonly versions: readonly string[]
}

/** Short, since a file's name is: what an attribute or a text would have to hold. */
const versions = [
  '<img src=x onerror=alert(1)>',
  '"onclick=alert(1) x="',
  "'><svg onload=alert(1)>",
]

const metadata = [
  'Metadata-Version: 2.1',
  'Name: evil',
  'Version: 1.0',
  ...['Summary', 'Author', 'License', 'Keywords', 'Home-Page'].map(
    (name) => `${name}: ${hostileLine}`,
  ),
  ...hostileTexts.flatMap((text) => {
    const line = text.replace(/\s+/g, ' ')
    return [`Classifier: ${line}`, `Requires-Dist: ${line}`, `Project-URL: ${line}, ${line}`]
  }),
  'Description-Content-Type: text/markdown',
  '',
  hostileText,
].join('\n')

export async function startHostileUpstream(): Promise<HostileUpstream> {
  const names = [
    'evil-1.0-py3-none-any.whl',
    ...versions.map((version) => `evil-${version}.zip`),
    ...hostileTexts.flatMap((text) => [`evil-2.0-py3-none-${text}.whl`, `evil-2.0.${text}.tar.gz`]),
  ]
  const files = names.map((filename, at) => {
    const text = hostileTexts[at % hostileTexts.length] ?? ''
    return {
      filename,
      url: at < 10 ? `/f/${encodeURIComponent(filename.toWellFormed())}` : text,
      hashes: { sha256: String(at).padStart(64, '0') },
      'requires-python': text.slice(0, 900),
      yanked: at < 10 ? text : false,
      'upload-time': '2020-01-01T00:00:00Z',
      'core-metadata': at === 0,
    }
  })
  const status = { status: 'archived', reason: hostileLine }
  const page = { meta: { 'api-version': '1.4' }, name: 'evil', 'project-status': status, files }
  const list = { meta: { 'api-version': '1.4' }, projects: hostileTexts.map((name) => ({ name })) }
  const json = (what: unknown) => body(JSON.stringify(what), { type: SIMPLE_JSON })
  const broken: Answer = (_, response) => {
    response.writeHead(500, '"><img src=x onerror=alert(1)>', {}).end(hostileText)
  }
  const server = await startFakeUpstream(
    byPath({
      '/simple/': json(list),
      '/simple/evil/': json(page),
      '/f/evil-1.0-py3-none-any.whl.metadata': body(metadata),
      '/broken/evil/': broken,
    }),
  )
  return { versions, url: (path) => server.url(path), [Symbol.asyncDispose]: () => server.close() }
}
