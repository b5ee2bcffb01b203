/** What people see where there is nothing for them: what is wrong, and where to go on. */
import type { RefusalCode } from '#base/refusal'
import type { Answer, Call } from '#http/route'
import { isReading } from '#http/credentials'
import { Addresses } from './addresses.ts'
import { pageModel, type Crumb } from './frame.ts'
import type { Reading } from '#registry/reading'
import type { HealthCheck } from './health.ts'
import type { WebParts } from './parts.ts'
import { findHelp, NO_HELP, type Help } from './refusal-help.ts'
import { prefersPage } from './prefers-page.ts'
import { pageAnswer } from './send-page.ts'
import type { Theme } from './theme/theme.ts'

/** The model of the template `error`. */
export interface ErrorView {
  readonly status: number
  /** The usual reason phrase: `Not Found`. */
  readonly title: string
  readonly message: string
  /** The address that was asked for. */
  readonly asked: string
  /** What is likely meant, if there is something: the search for the last part of the address. */
  readonly searchFor: string | undefined
  /** It may be kept from who is not logged in. */
  readonly mayNeedLogin: boolean
  /** Who is not logged in is refused what others may do. */
  readonly isForLogins: boolean
  /** What is to be done, or who may do it. */
  readonly help: string | undefined
  /** Where to go on, beside the list of all indexes. */
  readonly links: readonly Crumb[]
}

export interface Told {
  readonly status: number
  readonly title: string
  readonly message: string
  readonly code?: RefusalCode | undefined
}

/** Undefined for programs, and for browsers that asked for something else than a page. */
export function errorPages(
  parts: WebParts & { readonly health: HealthCheck },
  themeNow: () => Theme,
) {
  const { server, reading, health } = parts
  return (call: Call, told: Told): Answer | Promise<Answer> | undefined => {
    if (!isForPeople(call) || !call.headers.accept?.includes('text/html') || !prefersPage(call)) {
      return undefined
    }
    const finding = findHelp(parts, call, told)
    if (!finding) return print(call, told, NO_HELP)
    // What went wrong is told, with help or without.
    return finding.catch(() => NO_HELP).then((help) => print(call, told, help))
  }

  function print(call: Call, { status, title, message }: Told, help: Help): Answer {
    const addresses = new Addresses(call)
    const view: ErrorView = {
      status,
      title,
      message,
      asked: call.path,
      searchFor: status === 404 ? lastName(call.path) : undefined,
      mayNeedLogin: status === 404 && call.who.user === undefined && isAnythingKept(reading),
      isForLogins: status === 403 && call.who.user === undefined,
      help: help.text,
      links: help.links,
    }
    const facts = { title: `${status} ${title}`, path: crumbsOf(call.path, addresses), view }
    const theme = themeNow()
    const framing = {
      call,
      addresses,
      theme,
      version: server.version,
      health: health.tellAtOnce(call.who),
    }
    const model = pageModel('error', facts, framing)
    return pageAnswer(call, theme.templates.render('layout', model), {}, status)
  }
}

/** As far as that can be told at once. */
function isAnythingKept(reading: Reading): boolean {
  const limits = reading.now()
  return 'isOpen' in limits && !limits.isOpen
}

/** What is read, and forms: these are sent to addresses of their own. */
const isForPeople = ({ method, path }: Call): boolean =>
  isReading(method) || (method === 'POST' && /\/\+[a-z-]+$/.test(path))

/** As far as the address goes on as those of pages do. */
function crumbsOf(path: string, addresses: Addresses): Crumb[] {
  const names = path.split('/').filter((name) => name !== '')
  const plain = names.findIndex((name) => name.startsWith('+'))
  const shown = (plain < 0 ? names : names.slice(0, plain)).slice(0, 4)
  return shown.map((title, at) => ({ title, address: addresses.at(...shown.slice(0, at + 1)) }))
}

function lastName(path: string): string | undefined {
  const names = path.split('/').filter((name) => name !== '' && !name.startsWith('+'))
  return names.length >= 3 ? names[2] : names.at(-1)
}
