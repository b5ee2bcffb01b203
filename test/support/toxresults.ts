/** Results of tests in the form in which tox writes them. */
import type { Api, AskOptions, Reply } from './api.ts'

/** As devpi's client sends it: with blanks and in an order that must come back as they were. */
export const toxResult = (name = 'py311'): string =>
  JSON.stringify(
    {
      reportversion: '1',
      host: 'builder',
      platform: 'linux',
      testenvs: { [name]: { python: { version: '3.11' }, setup: [], test: [{ retcode: 0 }] } },
    },
    undefined,
    4,
  )

export const sendToxresult = (
  api: Api,
  url: string,
  body: string | Uint8Array = toxResult(),
  options: AskOptions = {},
): Promise<Reply> =>
  api.post(url, { ...options, headers: { 'content-type': 'application/json' }, body })

/** The page of the newest result, by the page that lists those of a file. */
export async function firstResult(api: Api, results: string): Promise<string> {
  const { text } = await api.get(results, { accept: 'text/html' })
  const [, found] = new RegExp(`href="(${RegExp.escape(results)}/[^"#]+)`).exec(text) ?? []
  if (found === undefined) throw new Error(`no result on ${results}: ${text}`)
  return found
}
