/** Core metadata as it stands in METADATA and PKG-INFO: header fields and a description. */
import { isUtf8 } from 'node:buffer'

export interface CoreMetadata {
  /** By lower-case header name with `_` for `-`, as in `requires_dist`; all but the description. */
  readonly fields: ReadonlyMap<string, readonly string[]>
  /** The body, or the Description header of old versions. */
  readonly description: string | undefined
  /** What a strict reader would refuse, as sentences. What could be read is in `fields` all the same. */
  readonly problems: readonly string[]
}

/** Reads what it can: never throws, whatever the bytes. */
export function parseMetadata(bytes: Uint8Array): CoreMetadata {
  // As Latin-1 every byte is kept, so that one broken field does not spoil the others.
  const isWhole = isUtf8(bytes)
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString(
    isWhole ? 'utf8' : 'latin1',
  )
  const decode = isWhole ? (value: string): string => value : decodeLatin1

  const { headers, body, problems } = splitHeaders(text)
  const fields = new Map<string, string[]>()
  for (const [name, raw] of headers) {
    const value = decode(raw)
    if (value === undefined) problems.push(`The field ${name} is not UTF-8.`)
    else add(fields, fieldKey(name), value)
  }

  const headerText = fields.get('description')?.[0]
  const bodyText = decode(body)
  if (bodyText === undefined) problems.push('The description is not UTF-8.')
  if (headerText !== undefined && bodyText) problems.push('The description is given twice.')
  problems.push(...countProblems(fields))
  fields.delete('description')

  const description = bodyText || (headerText && unfoldDescription(headerText))
  return { fields, description: description || undefined, problems }
}

/** The first value of a field, if there is one that is not empty. */
export function metadataField(metadata: CoreMetadata, field: string): string | undefined {
  return metadata.fields.get(field)?.find((value) => value !== '')
}

interface SplitText {
  readonly headers: [name: string, value: string][]
  readonly body: string
  readonly problems: string[]
}

const HEADER = /^([!-9;-~]+):[ \t]*(.*)$/s
/** Far above any real file; beyond it the text is an attack on the reader's time. */
const MAX_HEADERS = 50_000

function splitHeaders(text: string): SplitText {
  const headers: [string, string][] = []
  const problems: string[] = []
  let position = 0

  while (position < text.length) {
    const lineEnd = endOfLine(text, position)
    const line = text.slice(position, lineEnd).replace(/\r$/, '')
    if (line === '') {
      position = lineEnd + 1
      break
    }

    const last = headers.at(-1)
    const match = HEADER.exec(line)
    if (last && /^[ \t]/.test(line)) last[1] += `\n${line}`
    else if (match && headers.length < MAX_HEADERS) headers.push([match[1]!, match[2]!])
    else {
      problems.push('The headers are not well-formed.')
      break // what follows is body, as Python's e-mail parser has it
    }
    position = lineEnd + 1
  }
  return { headers, body: text.slice(position), problems }
}

function endOfLine(text: string, from: number): number {
  const end = text.indexOf('\n', from)
  return end === -1 ? text.length : end
}

function decodeLatin1(text: string): string | undefined {
  const bytes = Buffer.from(text, 'latin1')
  return isUtf8(bytes) ? bytes.toString() : undefined
}

function fieldKey(header: string): string {
  return header.toLowerCase().replaceAll('-', '_')
}

function add(fields: Map<string, string[]>, key: string, value: string): void {
  const values = fields.get(key)
  if (values) values.push(value.trimEnd())
  else fields.set(key, [value.trimEnd()])
}

function countProblems(fields: ReadonlyMap<string, readonly string[]>): string[] {
  const missing = ['Metadata-Version', 'Name', 'Version'].filter(
    (header) => !fields.get(fieldKey(header))?.[0],
  )
  const doubled = singleUse.filter((header) => (fields.get(fieldKey(header))?.length ?? 0) > 1)
  return [
    ...missing.map((header) => `The field ${header} is missing.`),
    ...doubled.map((header) => `The field ${header} is given more than once.`),
  ]
}

const singleUse = [
  'Metadata-Version',
  'Name',
  'Version',
  'Summary',
  'Description',
  'Description-Content-Type',
  'Keywords',
  'Home-page',
  'Download-URL',
  'Author',
  'Author-email',
  'Maintainer',
  'Maintainer-email',
  'License',
  'License-Expression',
  'Requires-Python',
] as const

/** Continuation lines of a Description header carry `       |` or eight spaces before the text. */
function unfoldDescription(text: string): string {
  return text.replace(/\n(?: {7}\|| {8})/g, '\n')
}
