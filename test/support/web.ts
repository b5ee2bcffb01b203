/** A server with something on it for people to look at, and its pages. */
import { parseDocument } from 'htmlparser2'
import { startApi, type Api, type ApiOptions, type AskOptions, type Reply } from './api.ts'
import { fieldParts, filePart, plainFields, sendParts, type Fields } from './upload.ts'
import { makeWheel, type Distribution } from './wheel.ts'

export const BROWSER = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8'

/** As a browser asks for a page. */
export const getPage = (api: Api, path: string, options: AskOptions = {}): Promise<Reply> =>
  api.get(path, { accept: BROWSER, ...options })

/** The text that a reader sees, with single spaces. */
export function textOf(html: string): string {
  const texts: string[] = []
  const walk = (node: { type: string; name?: string; data?: string; children?: unknown[] }) => {
    if (node.name === 'script' || node.name === 'style') return
    if (node.type === 'text') texts.push(node.data ?? '')
    for (const child of node.children ?? []) walk(child as typeof node)
  }
  walk(parseDocument(html) as never)
  return texts.join(' ').replace(/\s+/g, ' ').trim()
}

/** Where the links of a page lead, as they stand in it. */
export const linksIn = (html: string): string[] =>
  [...html.matchAll(/<a\b[^>]*?\shref="([^"]*)"/g)].map(([, href = '']) =>
    href.replaceAll('&amp;', '&').replaceAll('&#39;', "'"),
  )

/** `ada/dev`, which inherits from `team/prod`. */
export async function startWeb(options: ApiOptions = {}): Promise<Api> {
  const api = await startApi({ indexes: ['team/prod', 'ada/dev'], ...options })
  await api.patch('/ada/dev', { as: 'ada', json: ['bases=team/prod'] })
  return api
}

/** Uploads a wheel of a release to an index, with what the form says of it. */
export async function addRelease(
  api: Api,
  index: string,
  name: string,
  version: string,
  fields: Fields = {},
): Promise<Distribution> {
  const wheel = makeWheel(name, version)
  const form = plainFields({ name, version, ...fields })
  const reply = await sendParts(api, index, [...fieldParts(form), filePart(wheel)])
  if (reply.status !== 200) throw new Error(`${reply.status} ${reply.text}`)
  return wheel
}
