/** Somebody with a browser: keeps the cookie, fills in forms as the pages have them, and follows nothing by itself. */
import assert from 'node:assert/strict'
import type { Api, AskOptions, Reply } from './api.ts'
import { makeForm, type Part } from './upload.ts'
import { getPage } from './web.ts'

export class Visitor {
  readonly api: Api
  cookie = ''

  constructor(api: Api) {
    this.api = api
  }

  get headers(): Record<string, string> {
    const own = this.cookie === '' ? {} : { cookie: this.cookie }
    return { host: 'yard.example', ...own }
  }

  async open(path: string): Promise<Reply> {
    return this.#keep(await getPage(this.api, path, { headers: this.headers }))
  }

  /** Opens the page and sends its form with these fields changed: what a browser would send. */
  async fill(path: string, changes: Readonly<Record<string, string>> = {}): Promise<Reply> {
    const page = await this.open(path)
    assert.equal(page.status, 200, `${path}: ${page.status} ${page.text.slice(0, 500)}`)
    return this.send(path, { ...fieldsOf(page.text), ...changes })
  }

  async send(
    path: string,
    fields: Readonly<Record<string, string>>,
    { headers, ...options }: AskOptions = {},
  ): Promise<Reply> {
    const reply = await this.api.post(path, {
      accept: 'text/html,*/*;q=0.8',
      headers: {
        ...this.headers,
        origin: 'http://yard.example',
        'content-type': 'application/x-www-form-urlencoded',
        ...headers,
      },
      body: new URLSearchParams(fields).toString(),
      ...options,
    })
    return this.#keep(reply)
  }

  async sendParts(path: string, parts: readonly Part[], options: AskOptions = {}): Promise<Reply> {
    const { type, body } = makeForm(parts)
    const headers = { ...this.headers, 'content-type': type, ...options.headers }
    return this.#keep(await this.api.post(path, { accept: 'text/html', ...options, headers, body }))
  }

  async logIn(user: string, password = 'pw'): Promise<void> {
    const reply = await this.fill('/+login', { username: user, password })
    assert.equal(reply.status, 303, reply.text)
  }

  #keep(reply: Reply): Reply {
    const set = reply.headers['set-cookie']
    if (set !== undefined) this.cookie = /^[^;]*=(?=;)/.test(set) ? '' : set.split(';', 1)[0]!
    return reply
  }
}

/** Somebody who is logged in. */
export async function logIn(api: Api, user: string, password = 'pw'): Promise<Visitor> {
  const visitor = new Visitor(api)
  await visitor.logIn(user, password)
  return visitor
}

/** The fields of the form of the page, not of the one that logs out, with what stands in them. */
export function fieldsOf(html: string): Record<string, string> {
  const form = /<form class="form".*?<\/form>/s.exec(html)?.[0] ?? ''
  const fields: Record<string, string> = {}
  for (const [, attributes = ''] of form.matchAll(/<input ([^>]*)>/g)) {
    const name = attributeOf(attributes, 'name')
    if (name === undefined || /type="(?:file|checkbox)"/.test(attributes)) continue
    fields[name] = attributeOf(attributes, 'value') ?? ''
  }
  for (const [, name = '', text = ''] of form.matchAll(
    /<textarea [^>]*name="([^"]*)"[^>]*>\n?([^<]*)<\/textarea>/g,
  )) {
    fields[name] = unescape(text)
  }
  for (const [, name = '', options = ''] of form.matchAll(
    /<select [^>]*name="([^"]*)"[^>]*>(.*?)<\/select>/gs,
  )) {
    const chosen =
      /<option value="([^"]*)" selected>/.exec(options) ?? /value="([^"]*)"/.exec(options)
    fields[name] = unescape(chosen?.[1] ?? '')
  }
  return fields
}

function attributeOf(attributes: string, name: string): string | undefined {
  const found = new RegExp(`(?:^| )${name}="([^"]*)"`).exec(attributes)?.[1]
  return found === undefined ? undefined : unescape(found)
}

const unescape = (text: string): string =>
  text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&')
