/** Zips of documentation, and sending them. */
import type { Api, AskOptions, Reply } from './api.ts'
import { fieldParts, INDEX, sendParts, type Fields, type Part } from './upload.ts'
import { sha256 } from '#base/digest'
import { makeZip, type ZipEntry } from './zip.ts'

export interface DocsZip {
  readonly bytes: Buffer
  readonly sha256: string
}

/** A zip with these files; a text for each. */
export function makeDocs(files: Readonly<Record<string, string | Uint8Array>> = {}): DocsZip {
  const all = { 'index.html': '<h1>Docs</h1>', ...files }
  return zipOf(Object.entries(all).map(([name, content]) => ({ name, content })))
}

/** A zip of exactly these members. */
export function zipOf(entries: readonly ZipEntry[]): DocsZip {
  return asDocs(makeZip(entries))
}

export const asDocs = (bytes: Buffer): DocsZip => ({ bytes, sha256: sha256(bytes) })

/** The parts of a form as devpi's client has them: documentation of `foo` 1.0 unless fields say otherwise. */
export const docsParts = ({ bytes }: DocsZip, fields: Fields = {}): Part[] => [
  ...fieldParts({ ':action': 'doc_upload', name: 'foo', version: '1.0', ...fields }),
  { name: 'content', value: bytes, filename: 'uploaded.zip' },
]

export const sendDocs = (
  api: Api,
  docs: DocsZip,
  fields: Fields = {},
  { index = INDEX, ...options }: AskOptions & { readonly index?: string } = {},
): Promise<Reply> => sendParts(api, index, docsParts(docs, fields), options)
