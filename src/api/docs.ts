/** Documentation for reading: the pages in the zips of releases (devpi-http 7, devpi-web 7). */
import type { Readable } from 'node:stream'
import { refuse } from '#base/refusal'
import type { ByteRange } from '#blobs/blob-store'
import { conditional, fileAnswer, notModified, redirect, type Headers } from '#http/reply'
import { get, type Answer, type Call, type Handle, type Route } from '#http/route'
import { chooseReadable, listDocs } from '#registry/docs-choice'
import type { Page } from '#registry/docs-pages'
import { indexName } from '#registry/indexes'
import type { Reading } from '#registry/reading'
import { apartFrom, assertNoServiceWorker, SANDBOXED } from './docs-isolation.ts'
import { docsType } from './docs-types.ts'
import { withScripts } from './docs-head.ts'
import { normally } from './normal-names.ts'
import { queryOf } from './page-reply.ts'
import type { Parts } from './parts.ts'
import { projectOf } from './projects.ts'
import { absoluteUrl } from './release-json.ts'
import { named } from './views.ts'

type Docs = Pick<Parts, 'ledger' | 'docs'>

const release = '/:user/:index/:project/:version'

/** Around `+d` people get a frame; whoever takes no page gets the documentation itself there too. */
export function docsRoutes(parts: Docs & Pick<Parts, 'server' | 'reading'>): Route[] {
  const { docsUrl } = parts.server
  const read = docsReader(parts, SANDBOXED)
  const answer = docsUrl === undefined ? read : sendToDocsHost(docsUrl, parts.reading, read)
  return ['+doc', '+d'].map((folder) => get(`${release}/${folder}/*`, named(answer)))
}

/** For a host that documentation has to itself. */
export function docsRoutesApart(parts: Docs, mainUrl: string): Route[] {
  const read = docsReader(parts, apartFrom(mainUrl))
  const answer: Handle = (call) => {
    assertNoServiceWorker(call)
    return read(call)
  }
  return [get(`${release}/+doc/*`, named(answer))]
}

/** Nobody is logged in there: what not everybody may read stays here, and is read by `read`. */
function sendToDocsHost(docsUrl: string, reading: Reading, read: Handle): Handle {
  return async (call) => {
    const { user = '', index = '', project, version, '*': page } = call.params
    const limits = await reading.now()
    if (limits.isLimited(indexName(user, index))) return read(call)
    const path = [user, index, project, version, '+doc', page].join('/')
    return redirect(302, absoluteUrl(path, docsUrl) + queryOf(call))
  }
}

/** `isolation`: the headers that keep what is read apart from its reader's login. */
function docsReader({ ledger, docs }: Docs, isolation: Headers): Handle {
  return normally(showPage)

  async function showPage(call: Call): Promise<Answer> {
    const { user = '', index = '', version = '', '*': path = '' } = call.params
    if (path === '') return redirect(302, `index.html${queryOf(call)}`)
    const choice = await ledger.read((tx) =>
      listDocs(tx, indexName(user, index), projectOf(call), version),
    )
    const chosen = await chooseReadable(docs, choice)
    if (!chosen) throw refuse(version === 'stable' ? 'docs-stable-missing' : 'docs-missing')
    const { digest } = chosen.entry
    const headers = { ...headersOf(digest, path), ...isolation }
    // A page of a zip that the reader has seen is there still.
    if (conditional(call, headers.ETag)) return notModified(headers)
    const pages = await docs.list(digest)
    const page = pages.get(path)
    if (!page && !pages.has('index.html')) throw refuse('docs-missing')
    if (!page) throw refuse('docs-file-missing', { path })
    return sendPage(call, headers, {
      path,
      page,
      open: (range) => docs.open(digest, page, range),
    })
  }
}

interface Sending {
  readonly path: string
  readonly page: Page
  readonly open: (range?: ByteRange) => Promise<Readable>
}

async function sendPage(call: Call, headers: Headers, sending: Sending): Promise<Answer> {
  const { path, page, open } = sending
  const type = docsType(path)
  if (isShown(call, type)) {
    // For HEAD too: what has no body would say that it is empty.
    const body = withScripts(await open())
    return { status: 200, headers: { ...headers, 'Content-Type': type }, body }
  }
  return fileAnswer(call, {
    size: page.size,
    type,
    etag: String(headers.ETag),
    headers,
    open,
  })
}

const headersOf = (digest: string, path: string) => ({
  ETag: `"${digest}"`,
  'Cache-Control': 'max-age=60',
  ...(isHtml(docsType(path)) && { Vary: 'Accept' }),
})

/** Whether a browser asks for a page to show it; scripts and tools get it as it is in the zip. */
const isShown = ({ headers: { accept = '' } }: Call, type: string): boolean =>
  isHtml(type) && accept.includes('text/html')

const isHtml = (type: string): boolean => type.startsWith('text/html')
