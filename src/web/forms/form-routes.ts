/** Forms: shown, sent, shown again with what was typed and what is wrong; and then on to another page. */
import { UpstreamFailure } from '#base/failure'
import { refuse, Refusal } from '#base/refusal'
import { isOfOtherSite } from '#http/credentials'
import { refusalRows } from '#http/refusal-reply'
import { redirect } from '#http/reply'
import { get, post, type Answer, type Call, type Route } from '#http/route'
import { readFormFields } from '#http/web-form'
import { Addresses } from '../addresses.ts'
import type { Crumb } from '../frame.ts'
import { forPeople } from './for-people.ts'
import { Mistakes, viewGroup, type FormOrder, type FormView } from './form-view.ts'

/** Prints a page for this reader alone, with a status. */
export type PrintPage = <View>(
  call: Call,
  page: {
    readonly template: string
    readonly status: number
    readonly title: string
    readonly path: readonly Crumb[]
    readonly view: View
    readonly scripts?: readonly string[]
  },
) => Answer

export interface FormPage {
  readonly path: string
  readonly purpose: string
  /** Whether it is for those who are logged in. */
  readonly isOpen?: boolean
  /** Whoever is logged in may send it, or nobody: only not a page of another site. */
  readonly isOfAnySession?: boolean
  /** Bytes that may be sent. */
  readonly limit?: number
  readonly scripts?: readonly string[]
  crumbs(call: Call, addresses: Addresses): Crumb[]
  /** Refuses who may not, and what is not there. Asked when it is shown, not when it is shown again. */
  assertMay?(call: Call): Promise<void>
  /** With what was typed, or else with what is set. */
  form(call: Call, typed: URLSearchParams | undefined): Promise<FormOrder>
  /** Does it, and says where to go on. */
  send(call: Call, typed: URLSearchParams): Promise<string | Answer>
}

export function formRoutes(print: PrintPage, page: FormPage): Route[] {
  return [
    get(page.path, forPeople(show)),
    post(page.path, send, page.isOfAnySession ? { isLocal: true } : {}),
  ]

  async function show(call: Call): Promise<Answer> {
    if (page.isOpen !== true && call.who.user === undefined) return toLogin(call)
    await page.assertMay?.(call)
    return printForm(call, undefined, undefined)
  }

  async function send(call: Call): Promise<Answer> {
    const typed = await readFormFields(call, page.limit)
    try {
      await confirm(call, typed)
      if (page.isOpen !== true && call.who.user === undefined) {
        return await printForm(call, typed, { status: 401, general: LOGGED_OUT })
      }
      const next = await page.send(call, typed)
      return typeof next === 'string' ? redirect(303, next) : next
    } catch (error) {
      const wrong = whatIsWrong(error)
      // A stranger's form is not shown again as if it were our reader's.
      if (!wrong || isOfOtherSite(call)) throw error
      return printForm(call, typed, wrong)
    }
  }

  async function confirm(call: Call, typed: URLSearchParams): Promise<void> {
    if (page.isOfAnySession !== true) return call.confirmForm(typed.get('csrf') ?? undefined)
    if (isOfOtherSite(call)) throw refuse('form-foreign')
  }

  async function printForm(
    call: Call,
    typed: URLSearchParams | undefined,
    wrong: Wrong | undefined,
  ): Promise<Answer> {
    const order = await page.form(call, typed)
    const byField = wrong?.byField ?? {}
    const groups = order.groups.map((one) => viewGroup(one, byField))
    const addresses = new Addresses(call)
    const view: FormView = {
      purpose: page.purpose,
      heading: order.heading ?? order.title,
      intro: order.intro ?? [],
      action: addresses.here(call),
      csrf: call.csrfToken,
      groups,
      submit: order.submit,
      isDangerous: order.isDangerous ?? false,
      back: order.back,
      links: order.links ?? [],
      mistake: wrong?.general,
      mistakeCount: Object.keys(byField).length,
    }
    return print(call, {
      template: 'form',
      status: wrong?.status ?? 200,
      title: order.title,
      path: page.crumbs(call, addresses),
      view,
      ...(page.scripts && { scripts: page.scripts }),
    })
  }
}

const LOGGED_OUT =
  'You are not logged in any more. Log in in another window, then send this once again.'

interface Wrong {
  readonly status: number
  readonly general?: string | undefined
  readonly byField?: Readonly<Record<string, string>>
}

/** Undefined: it is no mistake of who typed. */
export function whatIsWrong(error: unknown): Wrong | undefined {
  if (error instanceof Mistakes) {
    const { status, byField, general } = error
    return { status, byField, general }
  }
  if (error instanceof UpstreamFailure) return { status: 502, general: error.message }
  if (!(error instanceof Refusal)) return undefined
  return { status: refusalRows[error.code].status, general: error.message }
}

/** Comes back here after the login. */
export function toLogin(call: Call): Answer {
  const addresses = new Addresses(call)
  const login = addresses.at('+login')
  return redirect(303, `${login}?goto_url=${encodeURIComponent(addresses.here(call))}`)
}
