/** What people see where there is nothing for them: what is wrong, and where to go on. */
import type { Answer, Call } from '#http/route'
import { isReading } from '#http/credentials'
import { Addresses } from './addresses.ts'
import { pageModel, type Crumb } from './frame.ts'
import type { Reading } from '#registry/reading'
import type { HealthCheck } from './health.ts'
import type { WebParts } from './parts.ts'
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
}

export interface Told {
  readonly status: number
  readonly title: string
  readonly message: string
}

/** Undefined for programs, and for browsers that asked for something else than a page. */
export function errorPages(
  { server: { version }, reading, health }: WebParts & { readonly health: HealthCheck },
  themeNow: () => Theme,
) {
  return (call: Call, { status, title, message }: Told): Answer | undefined => {
    if (!isForPeople(call) || !call.headers.accept?.includes('text/html') || !prefersPage(call)) {
      return undefined
    }
    const addresses = new Addresses(call)
    const view: ErrorView = {
      status,
      title,
      message,
      asked: call.path,
      searchFor: status === 404 ? lastName(call.path) : undefined,
      mayNeedLogin: status === 404 && call.who.user === undefined && isAnythingKept(reading),
    }
    const facts = { title: `${status} ${title}`, path: crumbsOf(call.path, addresses), view }
    const theme = themeNow()
    const framing = { call, addresses, theme, version, health: health.tellAtOnce(call.who) }
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
