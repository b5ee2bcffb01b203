/** Words that stories are told with. */
import { fieldParts, urlOf as pathOf, type Fields, type Part } from '../support/upload.ts'
import { makeZip, type Distribution } from '../support/wheel.ts'
import type { Step } from './step.ts'

export const simpleJson = 'application/vnd.pypi.simple.v1+json'

export const pip = { 'user-agent': 'pip/26.0' }

export const logIn = (user: string, password = 'pw'): Step => ({
  ask: 'POST /+login',
  json: { user, password },
})

export const signUp = (user: string): Step[] => [
  { ask: `PUT /${user}`, json: { password: 'pw' } },
  logIn(user),
]

/** An index, made by its user. */
export const makeIndex = (name: string, options: object = {}): Step => ({
  ask: `PUT /${name}`,
  as: name.split('/')[0]!,
  json: options,
})

interface UploadOptions {
  readonly as?: string
  readonly secret?: string
  readonly fields?: Fields
  readonly path?: string
  readonly accept?: string
}

/** As the programs do that publish: what is asked for is anything. */
export function upload(index: string, file: Distribution, options: UploadOptions = {}): Step {
  const [name = '', version = ''] = file.filename.split('-')
  const form = { ':action': 'file_upload', name, version: version.replace(/\.(tar\.gz|zip)$/, '') }
  return send(index, options, [
    ...fieldParts({ ...form, ...options.fields }),
    { name: 'content', value: file.bytes, filename: file.filename },
  ])
}

export const submit = (index: string, fields: Fields, options: UploadOptions = {}): Step =>
  send(index, options, fieldParts({ ':action': 'submit', ...fields }))

export const uploadDocs = (
  index: string,
  zip: Uint8Array,
  { fields = {}, ...options }: UploadOptions,
): Step =>
  send(index, options, [
    ...fieldParts({ ':action': 'doc_upload', ...fields }),
    { name: 'content', value: zip, filename: 'docs.zip' },
  ])

export function send(index: string, options: UploadOptions, form: readonly Part[]): Step {
  const { as = index.split('/')[0]!, secret, path = '/', accept = '*/*' } = options
  const signed = as === '' ? {} : { as, ...(secret !== undefined && { secret }) }
  return { ask: `POST /${index}${path}`, ...signed, accept, form }
}

/** Where an index serves a file that was uploaded. */
export const urlOf = (index: string, file: Distribution): string => pathOf(file, index)

export const push = (index: string, json: object, as?: string): Step => ({
  ask: `PUSH /${index}`,
  ...(as !== undefined && { as }),
  json,
})

/** The project page in all its forms. */
export const readPage = (index: string, project: string, more: Partial<Step> = {}): Step[] => [
  { ask: `GET /${index}/+simple/${project}/`, accept: 'text/html', ...more },
  { ask: `GET /${index}/+simple/${project}`, accept: '*/*', headers: pip, ...more },
  { ask: `GET /${index}/+simple/${project}/`, accept: simpleJson, ...more },
]

export const get = (path: string, more: Partial<Step> = {}): Step => ({
  ask: `GET ${path}`,
  ...more,
})

/** Documentation of one page. */
export const zip = (text: string): Buffer =>
  makeZip([{ name: 'index.html', content: `<h1>${text}</h1>` }])
