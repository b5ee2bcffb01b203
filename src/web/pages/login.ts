/** Logging in and out (devpi-web 15.4, as devpi-lockdown has it). */
import { findLocalPath } from '#http/local-address'
import { redirect } from '#http/reply'
import type { Answer, Call, Route } from '#http/route'
import { endedSessionCookie, isKept, sessionCookie } from '#http/session-cookie'
import { mayCreateUsers } from '#registry/access'
import type { WebActions } from '../actions.ts'
import { Addresses } from '../addresses.ts'
import { formRoutes, type PrintPage } from '../forms/form-routes.ts'
import { group, Mistakes, type FormOrder } from '../forms/form-view.ts'

export function loginPages(print: PrintPage, actions: WebActions): Route[] {
  return [
    ...formRoutes(print, {
      path: '/+login',
      purpose: 'login',
      isOpen: true,
      isOfAnySession: true,
      crumbs: () => [],
      form: async (call, typed) => loginForm(call, typed),
      send: logIn,
    }),
    ...formRoutes(print, {
      path: '/+logout',
      purpose: 'logout',
      isOpen: true,
      crumbs: () => [],
      form: async (call) => logoutForm(call),
      send: async (call) => logOut(call),
    }),
  ]

  async function logIn(call: Call, typed: URLSearchParams): Promise<Answer> {
    const user = typed.get('username') ?? ''
    const token = await actions.logIn(user, typed.get('password') ?? '')
    if (token === undefined) throw new Mistakes({}, 'Wrong user or password.', 401)
    if (!isKept(token)) {
      const general = 'This login names too many groups for a browser to keep it.'
      throw new Mistakes({}, general)
    }
    const cookie = sessionCookie(token, actions.loginLifetimeMs, call)
    return withCookie(redirect(303, wantedAddress(call, typed)), cookie)
  }
}

function logOut(call: Call): Answer {
  return withCookie(redirect(303, new Addresses(call).home()), endedSessionCookie(call))
}

function withCookie(answer: Answer, cookie: string): Answer {
  const headers = { ...answer.headers, 'Set-Cookie': cookie, 'Cache-Control': 'no-store' }
  return { ...answer, headers }
}

/** Only within this server: whoever made the link that leads here may have meant harm. */
function wantedAddress(call: Call, typed: URLSearchParams | undefined): string {
  // nginx puts the address there as it is, and a `+` in a query is read as a space.
  const asked = call.query.get('goto_url')?.replaceAll(' ', '+')
  const wanted = typed?.get('goto_url') ?? asked ?? ''
  return findLocalPath(wanted, call.root) ?? new Addresses(call).home()
}

function loginForm(call: Call, typed: URLSearchParams | undefined): FormOrder {
  const { user } = call.who
  const addresses = new Addresses(call)
  return {
    title: 'Log in',
    intro: user === undefined ? [] : [`You are logged in as ${user}.`],
    groups: [
      group(
        {
          name: 'username',
          label: 'User',
          input: { kind: 'username' },
          value: typed?.get('username') ?? '',
          isRequired: true,
        },
        { name: 'password', label: 'Password', input: { kind: 'password' }, value: '' },
        {
          name: 'goto_url',
          label: '',
          input: { kind: 'hidden' },
          value: wantedAddress(call, typed),
        },
      ),
    ],
    submit: 'Log in',
    links: mayCreateUsers(call.who)
      ? [{ title: 'Create a user', address: addresses.at('+new-user') }]
      : [],
  }
}

function logoutForm(call: Call): FormOrder {
  const { user } = call.who
  return {
    title: 'Log out',
    intro: [user === undefined ? 'You are not logged in.' : `You are logged in as ${user}.`],
    groups: [],
    submit: 'Log out',
    back: new Addresses(call).home(),
  }
}
