/** A server that takes uploads as PyPI does, and answers as a test says. */
import { buffer } from 'node:stream/consumers'
import { startFakeUpstream, type FakeUpstream } from './fake-upstream.ts'

export interface SentForm {
  readonly path: string
  readonly authorization: string | undefined
  readonly length: string | undefined
  /** Values by name; a file is its name. */
  readonly fields: Readonly<Record<string, readonly string[]>>
  readonly content: Buffer
}

export interface FakePypi extends AsyncDisposable {
  readonly server: FakeUpstream
  readonly forms: readonly SentForm[]
  url(path?: string): string
}

export interface PypiAnswer {
  readonly status: number
  readonly text?: string
  readonly location?: string
}

/** Answers the n-th form with the n-th answer; any further one with 200. */
export async function startFakePypi(answers: readonly PypiAnswer[] = []): Promise<FakePypi> {
  const forms: SentForm[] = []
  const server = await startFakeUpstream(async (request, response) => {
    const bytes = await buffer(request)
    const { headers, url = '' } = request
    const type = headers['content-type'] ?? ''
    const form = await new Response(bytes, { headers: { 'content-type': type } }).formData()
    const fields: Record<string, string[]> = {}
    let content = Buffer.alloc(0)
    for (const [name, value] of form) {
      const list = (fields[name] ??= [])
      list.push(typeof value === 'string' ? value : value.name)
      if (typeof value !== 'string') content = Buffer.from(await value.arrayBuffer())
    }
    const { status, text = '', location } = answers[forms.length] ?? { status: 200 }
    const { authorization, 'content-length': length } = headers
    forms.push({ path: url, authorization, length, fields, content })
    response.writeHead(status, location === undefined ? {} : { location }).end(text)
  })
  return {
    server,
    forms,
    url: (path) => server.url(path),
    [Symbol.asyncDispose]: () => server.close(),
  }
}
