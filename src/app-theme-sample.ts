/** A little of everything that pages show, put on a server by its API: to look at a theme with. */
import { createHash } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { create } from 'tar'
import type { App } from './app.ts'

export const SAMPLE_USER = 'ada'
export const SAMPLE_PASSWORD = 'anchors'

const readme = `Drops *anchors*, and **weighs** them again.

> [!NOTE]
> Anchors are heavy.

| Kind | Weight |
|:-----|-------:|
| Danforth | 12 kg |

\`\`\`python
import anchor

anchor.drop(depth=12)
\`\`\`
`

/** With an `index.html`. */
const docsZip =
  'UEsDBBQAAAAIAAAAIVzoxjaQTwAAAGUAAAAKAAAAaW5kZXguaHRtbD2JzQqAIAyAX2XdI+k+Bt16jVBpgrZhA+ntk4Ru3w9OQbw9GoGtZEJLliNtl2ep' +
  '6IYhr3/piEq7NDCBUEXh+M49dwjAY7SYTgbjWBZ0Si9QSwECFAMUAAAACAAAACFc6MY2kE8AAABlAAAACgAAAAAAAAAAAAAAgAEAAAAAaW5kZXguaHRtbFBL' +
  'BQYAAAAAAQABADgAAAB3AAAAAAA='

/** Without a page to begin with. */
const filesZip =
  'UEsDBBQAAAAAAAAAIVhDv6ajAgAAAAIAAAAJAAAAZGF0YS5qc29ue31QSwECFAMUAAAAAAAAACFYQ7+mowIAAAACAAAACQAAAAAAAAAAAAAAgAEAAAAAZGF0' +
  'YS5qc29uUEsFBgAAAAABAAEANwAAACkAAAAAAA=='

const testResult = {
  reportversion: '1',
  host: 'builder',
  platform: 'linux',
  testenvs: {
    py311: {
      python: { version: '3.11.2' },
      setup: [],
      test: [
        { command: ['pytest', '-q'], output: '1 failed, 11 passed', retcode: 1 },
        { command: ['ruff', 'check'], output: 'All checks passed!', retcode: 0 },
      ],
    },
  },
}

/** Resolves to addresses of pages, so that each template is on one of them; some are for the sample's user. */
export async function fillSample(app: App, folder: string): Promise<readonly string[]> {
  const site = await Site.open(app)
  await site.read('/') // as long as there is no index
  await site.sendJson('PUT', '/ada/prod', { title: 'What customers get', bases: [] })
  await site.sendJson('PUT', '/ada/dev', {
    title: 'What Ada works on',
    custom_data: { owner: 'Ada', group: 'Ships' },
    bases: ['ada/prod'],
  })
  const first = await makeSdist(folder, '1.0')
  const second = await makeSdist(folder, '1.1')
  await site.upload('/ada/prod/', fileFields('1.0', first))
  await site.upload('/ada/dev/', fileFields('1.1', second))
  await site.upload('/ada/prod/', docsFields('1.0', filesZip))
  await site.upload('/ada/dev/', docsFields('1.1', docsZip))
  const sha256 = createHash('sha256').update(second).digest('hex')
  const file = `/ada/dev/+f/${sha256.slice(0, 3)}/${sha256.slice(3, 16)}/anchor-1.1.tar.gz`
  await site.sendJson('POST', file, testResult)
  await app.search.caughtUp()
  return listPages(site)
}

async function listPages(site: Site): Promise<readonly string[]> {
  const release = '/ada/dev/anchor/1.1'
  const inside = `${release}/+contents/anchor-1.1.tar.gz`
  const results = `${release}/+toxresults/anchor-1.1.tar.gz`
  const differences = '/ada/dev/anchor/+diff/1.0/1.1'
  const files = `${differences}?before=anchor-1.0.tar.gz&after=anchor-1.1.tar.gz`
  return [
    ...['/', '/ada', '/ada/dev', '/ada/dev/anchor', release, '/ada/dev/+explain/anchor'],
    ...[inside, `${inside}/anchor-1.1/PKG-INFO`, `${release}/+d/index.html`],
    '/ada/prod/anchor/1.0/+d/index.html',
    ...[results, ...(await site.listLinks(results, `${results}/`))],
    ...['/ada/dev/anchor/+diff', differences, files],
    ...(await site.listLinks(files, `${files}&`)),
    ...['/+search?query=anchor', '/+search?query=nothing', '/+searchhelp', '/+status'],
    ...['/+changes', '/ada/dev/+changes', '/+inheritance', '/+login', '/nobody'],
    ...['/ada/+new-index', '/ada/+edit', '/ada/+password', '/ada/dev/+edit', '/ada/dev/+upload'],
    ...[`${release}/+push`, `${release}/+yank`, `${release}/+delete`, '/ada/dev/anchor/+delete'],
  ]
}

/** As a browser does, as nobody and as the sample's user. */
export async function readPages(app: App, pages: readonly string[]): Promise<void> {
  const site = await Site.open(app)
  for (const page of pages) {
    await site.read(page, { isNobody: true })
    await site.read(page)
  }
}

class Site {
  readonly #url: string
  readonly #token: string

  private constructor(url: string, token: string) {
    this.#url = url
    this.#token = token
  }

  /** Makes the user if need be, and logs in. */
  static async open(app: App): Promise<Site> {
    const site = new Site(app.url.replace(/\/$/, ''), '')
    const password = SAMPLE_PASSWORD
    const login = { user: SAMPLE_USER, password }
    if ((await site.#send('GET', `/${SAMPLE_USER}`, {})).status === 404) {
      await site.sendJson('PUT', `/${SAMPLE_USER}`, { password, title: 'Looks after anchors' })
    }
    const answer = await site.sendJson('POST', '/+login', login)
    const { result } = (await answer.json()) as { readonly result: { readonly password: string } }
    return new Site(site.#url, result.password)
  }

  sendJson(method: string, path: string, value: unknown): Promise<Response> {
    const headers = { 'Content-Type': 'application/json' }
    return this.#succeed(method, path, { headers, body: JSON.stringify(value) })
  }

  async upload(path: string, fields: Readonly<Record<string, string | File>>): Promise<void> {
    const body = new FormData()
    for (const [name, value] of Object.entries(fields)) body.append(name, value)
    await this.#succeed('POST', path, { body })
  }

  async read(path: string, { isNobody = false } = {}): Promise<string> {
    const who: Record<string, string> = isNobody ? {} : { Cookie: `wheelyard=${this.#token}` }
    const headers = { Accept: 'text/html', ...who }
    const answer = await fetch(this.#url + path, { headers, redirect: 'manual' })
    return answer.text()
  }

  /** Where a page leads, as far as that begins so. */
  async listLinks(path: string, prefix: string): Promise<string[]> {
    const page = await this.read(path)
    return [...page.matchAll(/\shref="([^"#]*)/g)]
      .map(([, href = '']) => href.replaceAll('&amp;', '&'))
      .filter((href) => href.startsWith(prefix))
  }

  async #succeed(method: string, path: string, init: RequestInit): Promise<Response> {
    const answer = await this.#send(method, path, init)
    if (answer.ok) return answer
    throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`)
  }

  #send(method: string, path: string, { headers, body }: RequestInit): Promise<Response> {
    const login = Buffer.from(`${SAMPLE_USER}:${this.#token}`).toString('base64')
    const who: Record<string, string> = this.#token === '' ? {} : { 'X-Devpi-Auth': login }
    const all = { Accept: 'application/json', ...(headers as Record<string, string>), ...who }
    return fetch(this.#url + path, { method, headers: all, body: body ?? null })
  }
}

const docsFields = (version: string, zip: string) => ({
  ':action': 'doc_upload',
  name: 'anchor',
  version,
  content: new File([Buffer.from(zip, 'base64')], `anchor-${version}.doc.zip`),
})

const fileFields = (version: string, content: Buffer) => ({
  ':action': 'file_upload',
  name: 'anchor',
  version,
  filetype: 'sdist',
  summary: 'Drops anchors, and weighs them again',
  description: readme,
  description_content_type: 'text/markdown',
  author: 'Ada Lovelace',
  license: 'MIT',
  keywords: 'sea,ship',
  requires_python: version === '1.0' ? '>=3.8' : '>=3.9',
  requires_dist: 'chain>=2',
  classifiers: 'Programming Language :: Python :: 3',
  project_urls: 'Homepage, https://anchor.example/',
  content: new File([new Uint8Array(content)], `anchor-${version}.tar.gz`),
})

async function makeSdist(folder: string, version: string): Promise<Buffer> {
  const top = `anchor-${version}`
  const files = {
    'PKG-INFO': `Metadata-Version: 2.1\nName: anchor\nVersion: ${version}\n`,
    'anchor/__init__.py': `def drop(depth):\n    """Version ${version}."""\n`,
  }
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, top, name)), { recursive: true })
    await writeFile(join(folder, top, name), text)
  }
  const file = join(folder, `${top}.tar.gz`)
  await create({ gzip: true, portable: true, cwd: folder, file }, [top])
  return readFile(file)
}
