/** Errors to answers: the only table from a refusal's code to a status and a kind of body. */
import { STATUS_CODES } from 'node:http'
import { StorageFailure, UpstreamFailure } from '#base/failure'
import { Refusal, type RefusalCode } from '#base/refusal'
import { errorBody, type ErrorKind, type ErrorText } from './error-body.ts'
import type { Answer, Call } from './route.ts'

export interface Row {
  readonly status: number
  readonly kind: ErrorKind
  readonly headers?: Readonly<Record<string, string>>
}

const challenge = { 'WWW-Authenticate': 'Basic realm="pypi"' }
const later = { 'Retry-After': '5' }

export const refusalRows: Readonly<Record<RefusalCode, Row>> = {
  // requests
  'not-found': { status: 404, kind: 'framework' },
  'bad-request': { status: 400, kind: 'negotiated' },
  'body-not-json': { status: 400, kind: 'negotiated' },
  'body-not-object': { status: 400, kind: 'json' },
  'body-too-large': { status: 413, kind: 'json' },
  'not-acceptable': { status: 406, kind: 'text' },
  'json-only': { status: 415, kind: 'json' },
  'too-many-requests': { status: 429, kind: 'json', headers: later },
  'search-unavailable': { status: 503, kind: 'json', headers: later },
  'replication-disabled': { status: 403, kind: 'framework' },
  'replica-token-missing': { status: 403, kind: 'framework' },
  'replica-token-wrong': { status: 403, kind: 'framework' },
  'replica-clock': { status: 403, kind: 'framework' },
  'changes-ahead': { status: 409, kind: 'framework' },
  'changes-parted': { status: 409, kind: 'framework' },
  'primary-away': { status: 503, kind: 'reason', headers: later },
  'still-filling': { status: 503, kind: 'negotiated', headers: later },
  'follows-devpi': { status: 503, kind: 'reason' },
  'relay-broken': { status: 502, kind: 'reason' },
  'relayed-late': { status: 504, kind: 'reason' },
  'blob-away': { status: 503, kind: 'reason', headers: later },
  'blob-lost': { status: 404, kind: 'reason' },
  'blob-sought': { status: 503, kind: 'reason', headers: later },
  fenced: { status: 503, kind: 'reason' },
  'feed-fenced': { status: 409, kind: 'framework' },
  'blob-missing': { status: 404, kind: 'framework' },
  'form-foreign': { status: 403, kind: 'framework' },
  'storage-full': { status: 507, kind: 'reason' },

  // users and login
  'login-incomplete': { status: 400, kind: 'negotiated' },
  'login-failed': { status: 401, kind: 'json' },
  'login-needed': { status: 401, kind: 'framework', headers: challenge },
  'user-missing': { status: 404, kind: 'negotiated' },
  'user-exists': { status: 409, kind: 'json' },
  'user-name-invalid': { status: 400, kind: 'json' },
  'user-password-missing': { status: 400, kind: 'json' },
  'user-keys-unknown': { status: 400, kind: 'json' },
  'user-value-invalid': { status: 400, kind: 'json' },
  'user-not-modifiable': { status: 403, kind: 'json' },
  'password-not-changeable': { status: 403, kind: 'json' },
  'user-has-nonvolatile-index': { status: 403, kind: 'json' },
  forbidden: { status: 403, kind: 'framework' },

  // indexes
  'index-missing': { status: 404, kind: 'negotiated' },
  'index-base-hidden': { status: 403, kind: 'negotiated' },
  'index-exists': { status: 409, kind: 'json' },
  'index-name-invalid': { status: 400, kind: 'json' },
  'index-not-creatable': { status: 403, kind: 'json' },
  'index-nonvolatile': { status: 403, kind: 'json' },
  'index-option-invalid': { status: 400, kind: 'json' },

  // uploads and files
  'upload-unauthenticated': { status: 401, kind: 'framework', headers: challenge },
  'upload-login-wrong': { status: 401, kind: 'framework', headers: challenge },
  'upload-forbidden': { status: 403, kind: 'reason' },
  'upload-project-closed': { status: 403, kind: 'reason' },
  'yank-on-mirror': { status: 400, kind: 'json' },
  'upload-to-mirror': { status: 404, kind: 'reason' },
  'upload-invalid': { status: 400, kind: 'reason' },
  'upload-not-multipart': { status: 415, kind: 'reason' },
  'upload-too-large': { status: 413, kind: 'reason' },
  'upload-gone': { status: 410, kind: 'reason' },
  'file-exists': { status: 409, kind: 'reason' },
  'file-missing': { status: 404, kind: 'negotiated' },
  'file-hidden': { status: 403, kind: 'negotiated' },
  'metadata-missing': { status: 404, kind: 'negotiated' },
  'metadata-not-mirrored': { status: 404, kind: 'json' },
  'file-gone': { status: 410, kind: 'negotiated' },
  'path-missing': { status: 404, kind: 'negotiated' },
  'path-gone': { status: 410, kind: 'negotiated' },
  'toxresult-forbidden': { status: 403, kind: 'json' },
  'toxresult-target-missing': { status: 404, kind: 'json' },
  'docs-missing': { status: 404, kind: 'negotiated' },
  'docs-stable-missing': { status: 404, kind: 'negotiated' },
  'docs-file-missing': { status: 404, kind: 'negotiated' },
  'docs-file-damaged': { status: 404, kind: 'negotiated' },
  'docs-worker-refused': { status: 403, kind: 'negotiated' },
  'project-no-stable': { status: 404, kind: 'negotiated' },
  'project-unknown': { status: 404, kind: 'negotiated' },
  'project-not-found': { status: 404, kind: 'json' },
  'project-nonvolatile': { status: 403, kind: 'json' },
  'project-not-on-index': { status: 404, kind: 'negotiated' },
  'release-missing': { status: 404, kind: 'negotiated' },
  'release-nonvolatile': { status: 403, kind: 'negotiated' },
  'release-not-on-index': { status: 404, kind: 'negotiated' },
  'project-missing': { status: 404, kind: 'negotiated' },
  'pypi-missing': { status: 404, kind: 'json' },

  // pushes
  'push-invalid': { status: 400, kind: 'json' },
  'push-no-release': { status: 400, kind: 'json' },
  'push-no-match': { status: 404, kind: 'json' },
  'push-docs-unclear': { status: 400, kind: 'json' },
  'push-nothing': { status: 404, kind: 'json' },
  'push-options-unknown': { status: 400, kind: 'json' },
  'push-target-malformed': { status: 400, kind: 'json' },
  'push-forbidden': { status: 401, kind: 'json' },
  'push-host-closed': { status: 403, kind: 'json' },
  'push-unauthenticated': { status: 401, kind: 'json' },
  'push-file-exists': { status: 409, kind: 'json' },

  // mirrors
  'upstream-unknown': { status: 502, kind: 'negotiated' },
}

export interface ErrorAnswer {
  readonly answer: Answer
  /** What it says, for who would rather have a page. */
  readonly told: ErrorText
  /** Not the client's doing: to be logged, with its stack. */
  readonly isFailure: boolean
}

type Asked = Pick<Call, 'headers' | 'id' | 'path'>

/** What is thrown while answering, as the client sees it. */
export function answerError(error: unknown, call: Asked): ErrorAnswer {
  if (error instanceof Refusal) {
    const { answer, told } = answerRow(refusalRows[error.code], error.message, call)
    return { answer, told: { ...told, code: error.code }, isFailure: false }
  }
  if (isTooLarge(error)) {
    const row = refusalRows['body-too-large']
    return { ...answerRow(row, `The body is ${error.message}.`, call), isFailure: false }
  }
  if (error instanceof UpstreamFailure) return answerUpstreamFailure(error, call)
  return { ...answerFailure(error, call), isFailure: true }
}

/** A redirect with the page that devpi's have, which hardly anybody sees. */
export function withRedirectPage(answer: Answer, accept: string | undefined): Answer {
  const { status, headers } = answer
  const title = STATUS_CODES[status] ?? 'Redirect'
  const message = `The resource is at ${headers?.['Location']}`
  const { type, body } = errorBody('framework', { status, title, message }, accept)
  return { ...answer, headers: { 'Content-Type': type, ...headers }, body }
}

/** As devpi: always JSON below a file's address, and 404 only where upstream says so of that file. */
function answerUpstreamFailure(error: UpstreamFailure, call: Asked): ErrorAnswer {
  const isOfFile = /^\/[^/]+\/[^/]+\/\+[ef]\//.test(call.path)
  const status = isOfFile && error.status === 404 ? 404 : 502
  const row: Row = { status, kind: isOfFile ? 'json' : 'negotiated' }
  return { ...answerRow(row, error.message, call), isFailure: status === 502 }
}

function answerFailure(error: unknown, call: Asked): Told {
  if (error instanceof StorageFailure && error.isFull) {
    return answerRow(
      refusalRows['storage-full'],
      'The server has no room left to store this; nothing was changed.',
      call,
    )
  }
  if (error instanceof StorageFailure) {
    const message = `The server cannot reach its storage; request id ${call.id}`
    return answerRow({ status: 503, kind: 'json', headers: later }, message, call)
  }
  const message = `Internal error; request id ${call.id}`
  return answerRow({ status: 500, kind: 'json' }, message, call)
}

type Told = Pick<ErrorAnswer, 'answer' | 'told'>

function answerRow(row: Row, message: string, call: Asked): Told {
  const { status, kind } = row
  const told = { status, title: STATUS_CODES[status] ?? 'Error', message }
  const { type, body } = errorBody(kind, told, call.headers.accept)
  const answer: Answer = {
    status,
    reason: kind === 'reason' ? message : undefined,
    headers: { 'Content-Type': type, ...(isOfScript(call) ? withoutChallenge(row) : row.headers) },
    body,
  }
  return { answer, told }
}

/** A page says itself that one must log in; at a challenge the browser would ask for a password instead. */
const isOfScript = ({ headers }: Asked): boolean => headers['x-csrf-token'] !== undefined

function withoutChallenge({ headers = {} }: Row): Row['headers'] {
  const { 'WWW-Authenticate': _challenge, ...others } = headers
  return others
}

/** The blob store's, which this floor cannot import. */
function isTooLarge(error: unknown): error is Error {
  return error instanceof Error && error.name === 'TooLarge'
}
