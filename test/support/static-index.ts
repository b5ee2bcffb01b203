/** An honest upstream that holds its files in memory and speaks HTML and JSON, as large public indexes do. */
import { createHash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { body, byPath, startFakeUpstream, type Answer, type FakeUpstream } from './fake-upstream.ts'

export interface StaticFile {
  readonly filename: string
  readonly bytes: Uint8Array
  /** Served beside the file and advertised on the page. */
  readonly metadataBytes?: Uint8Array
  readonly requiresPython?: string
  readonly yanked?: boolean | string
  readonly uploadTime?: string
}

export interface StaticIndexOptions {
  /** Speaks JSON to who asks for it, unless this is false. */
  readonly json?: boolean
}

const JSON_TYPE = 'application/vnd.pypi.simple.v1+json'

/** Serves the files' projects at `url('simple/')`, and each file once at `url('files/NAME')`. */
export function startStaticIndex(
  files: readonly StaticFile[],
  options: StaticIndexOptions = {},
): Promise<FakeUpstream> {
  return startFakeUpstream(staticIndex(files, options))
}

export function staticIndex(
  files: readonly StaticFile[],
  { json = true }: StaticIndexOptions = {},
): Answer {
  const projects = Map.groupBy(files, (file) => projectOf(file.filename))
  const answers: Record<string, Answer> = {
    '/simple/': either(json, namesJson([...projects.keys()]), namesHtml([...projects.keys()])),
  }
  for (const [name, own] of projects) {
    answers[`/simple/${name}/`] = either(json, pageJson(name, own), pageHtml(name, own))
  }
  for (const { filename, bytes, metadataBytes } of files) {
    answers[`/files/${filename}`] = body(bytes, { type: 'application/octet-stream' })
    if (metadataBytes) {
      answers[`/files/${filename}.metadata`] = body(metadataBytes, { type: 'text/plain' })
    }
  }
  return byPath(answers)
}

/** The JSON or the HTML form, each with its own ETag. */
function either(hasJson: boolean, json: string, html: string): Answer {
  const asJson = body(json, { type: JSON_TYPE, etag: `"${sha256(json)}"` })
  const asHtml = body(html, { type: 'text/html', etag: `"${sha256(html)}"` })
  const wantsJson = (request: IncomingMessage): boolean =>
    (request.headers.accept ?? '').includes(JSON_TYPE)
  return (request, response) => (hasJson && wantsJson(request) ? asJson : asHtml)(request, response)
}

/** Enough for the names that `wheel.ts` gives. */
function splitFilename(filename: string): { project: string; version: string } {
  const [, name = '', version = ''] =
    /^(.+?)-(\d[^-]*?)(?:-.*\.whl|\.tar\.gz|\.zip)$/.exec(filename) ?? []
  return { project: name.replaceAll(/[-_.]+/g, '-').toLowerCase(), version }
}

const projectOf = (filename: string): string => splitFilename(filename).project

const meta = { 'api-version': '1.1' }

const namesJson = (names: readonly string[]): string =>
  JSON.stringify({ meta, projects: names.map((name) => ({ name })) })

const namesHtml = (names: readonly string[]): string =>
  names.map((name) => `<a href="/simple/${name}/">${name}</a>`).join('\n')

function pageJson(name: string, files: readonly StaticFile[]): string {
  const listed = files.map((file) => ({
    filename: file.filename,
    url: `/files/${file.filename}`,
    hashes: { sha256: sha256(file.bytes) },
    size: file.bytes.length,
    ...(file.requiresPython !== undefined && { 'requires-python': file.requiresPython }),
    ...(file.yanked !== undefined && { yanked: file.yanked }),
    ...(file.uploadTime !== undefined && { 'upload-time': file.uploadTime }),
    ...(file.metadataBytes && { 'core-metadata': { sha256: sha256(file.metadataBytes) } }),
  }))
  const versions = [...new Set(files.map((file) => splitFilename(file.filename).version))]
  return JSON.stringify({ meta, name, versions, files: listed })
}

function pageHtml(name: string, files: readonly StaticFile[]): string {
  const anchors = files.map((file) => {
    const attributes = [`href="/files/${file.filename}#sha256=${sha256(file.bytes)}"`]
    const { requiresPython, yanked, metadataBytes } = file
    if (requiresPython !== undefined) {
      attributes.push(`data-requires-python="${escapeHtml(requiresPython)}"`)
    }
    if (yanked !== undefined && yanked !== false) {
      attributes.push(`data-yanked="${yanked === true ? '' : escapeHtml(yanked)}"`)
    }
    if (metadataBytes) attributes.push(`data-core-metadata="sha256=${sha256(metadataBytes)}"`)
    return `<a ${attributes.join(' ')}>${file.filename}</a><br>`
  })
  return `<!DOCTYPE html>\n<html><head><title>${name}</title></head><body>\n${anchors.join('\n')}\n</body></html>\n`
}

const escapeHtml = (text: string): string =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('"', '&quot;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')

const sha256 = (content: string | Uint8Array): string =>
  createHash('sha256').update(content).digest('hex')
