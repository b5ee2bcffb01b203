/** The bodies of errors, in the four kinds that devpi has and one of plain text. */
import type { RefusalCode } from '#base/refusal'
import { bestType, parseAccept } from './accept.ts'
import { jsonType, printJson } from './json-text.ts'

/**
 * - `json`: always `{"message"}`
 * - `negotiated`: the same if `Accept` names JSON, else as `framework`
 * - `framework`: `{"message", "code", "title"}`, a page or text, whichever is liked best
 * - `reason`: as `framework`, with the message as the HTTP reason phrase
 * - `text`: always text
 */
export type ErrorKind = 'json' | 'negotiated' | 'framework' | 'reason' | 'text'

export interface ErrorText {
  readonly status: number
  /** The usual reason phrase. */
  readonly title: string
  readonly message: string
  /** Of what was refused on purpose. */
  readonly code?: RefusalCode | undefined
}

const htmlType = 'text/html; charset=UTF-8'
const textType = 'text/plain; charset=UTF-8'

export function errorBody(
  kind: ErrorKind,
  error: ErrorText,
  accept: string | undefined,
): { type: string; body: string } {
  const isNegotiated = kind === 'negotiated'
  const { message } = error
  if (kind === 'json' || (isNegotiated && accept?.includes(jsonType))) {
    return { type: jsonType, body: printJson({ message }) }
  }
  const title = kind === 'reason' ? message : error.title
  switch (kind === 'text' ? 'text' : chooseForm(isNegotiated ? (accept ?? '*/*') : accept)) {
    case 'json':
      return {
        type: jsonType,
        body: printJson({ message, code: `${error.status} ${title}`, title }),
      }
    case 'html':
      return { type: htmlType, body: printPage(`${error.status} ${title}`, message) }
    case 'text':
      return { type: textType, body: `${error.status} ${error.title}\n\n${message}\n` }
  }
}

/** A header that nobody can read is no reason to withhold the page. */
function chooseForm(accept: string | undefined): 'json' | 'html' | 'text' {
  if (accept === undefined) return 'text'
  if (parseAccept(accept) === 'invalid') return 'html'
  const best = bestType(accept, ['text/html', jsonType])
  return best === jsonType ? 'json' : best ? 'html' : 'text'
}

function printPage(title: string, message: string): string {
  const [shownTitle, shownMessage] = [escape(title), escape(message)]
  return (
    '<!DOCTYPE html>\n<html lang="en">\n' +
    `<head><meta charset="utf-8"><title>${shownTitle}</title></head>\n` +
    `<body><h1>${shownTitle}</h1><p>${shownMessage}</p></body>\n</html>\n`
  )
}

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`)
}
