/** The bodies of errors, in the four kinds that devpi has and one of plain text. */
import { bestType } from './accept.ts'
import { jsonType, printJson } from './json-text.ts'

/**
 * - `json`: always `{"message"}`
 * - `negotiated`: the same if `Accept` names JSON, else a page with the message
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
}

const htmlType = 'text/html; charset=UTF-8'
const textType = 'text/plain; charset=UTF-8'

export function errorBody(
  kind: ErrorKind,
  error: ErrorText,
  accept: string | undefined,
): { type: string; body: string } {
  const title = kind === 'reason' ? error.message : error.title
  switch (chooseForm(kind, accept)) {
    case 'json': {
      const { message } = error
      const isShort = kind === 'json' || kind === 'negotiated'
      const value = isShort ? { message } : { message, code: `${error.status} ${title}`, title }
      return { type: jsonType, body: printJson(value) }
    }
    case 'html':
      return { type: htmlType, body: printPage(`${error.status} ${title}`, error.message) }
    case 'text':
      return { type: textType, body: `${error.status} ${error.title}\n\n${error.message}\n` }
  }
}

function chooseForm(kind: ErrorKind, accept: string | undefined): 'json' | 'html' | 'text' {
  switch (kind) {
    case 'json':
    case 'text':
      return kind
    case 'negotiated':
      if (accept?.includes(jsonType)) return 'json'
      return accept === undefined || bestType(accept, ['text/html']) ? 'html' : 'text'
    case 'framework':
    case 'reason': {
      const best = bestType(accept, ['text/html', jsonType])
      return best === jsonType ? 'json' : best ? 'html' : 'text'
    }
  }
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
