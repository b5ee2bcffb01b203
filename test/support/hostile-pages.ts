/** The pages of the hostile server, on which its texts are shown. */
import type { Api } from './api.ts'
import type { Distribution } from './wheel.ts'

const DIFFERENCES = '/ada/dev/evil/+diff/1.0/1.1'

/** That are there whatever is asked for. */
export function readablePages({ filename }: Distribution, versions: readonly string[]): string[] {
  const release = '/ada/dev/evil/1.1'
  return [
    ...['/', '/ada', '/ada/dev', '/root/far', '/root/broken', '/eve/dev', '/ada/dev/evil'],
    ...versions.flatMap((version) => {
      const page = `/ada/dev/evil/${version}`
      return [page, `${page}/+llms.txt`]
    }),
    ...['/root/far/evil', '/root/far/evil/1.0', '/eve/dev/evil'],
    ...[DIFFERENCES, '/ada/dev/+explain/evil', '/root/far/+explain/evil'],
    ...['/eve/dev/+explain/evil', '/root/broken/+explain/evil', '/+status', '/+inheritance'],
    ...['/+changes', '/eve/dev/+changes'],
    ...[`${release}/+toxresults/${filename}`, `${release}/+contents/${filename}`],
    ...['/+search?query=alert', '/+search?query=script&page=2', '/+search?query=evil'],
    ...[
      '/ada/dev/+simple/evil/',
      '/root/far/+simple/evil/',
      '/root/far/+simple/',
      '/ada/dev/+feed',
    ],
    ...['/ada/dev/evil/+badge.svg', '/ada/dev/+feed/evil'],
  ]
}

/** What is inside the wheel, as far as links lead to it, and what differs in it. */
export async function memberPages(api: Api, { filename }: Distribution): Promise<string[]> {
  const folder = `/ada/dev/evil/1.1/+contents/${filename}`
  const members = await linksOf(api, `${folder}/evil/`, `${folder}/evil/`)
  const [inside = ''] = await linksOf(api, DIFFERENCES, `${DIFFERENCES}?`)
  const [changed = '', ...others] = await linksOf(api, inside, inside)
  return [`${folder}/evil.py`, `${folder}/evil/`, inside, changed, ...members, ...others]
}

async function linksOf(api: Api, page: string, below: string): Promise<string[]> {
  const { text } = await api.get(page, { accept: 'text/html' })
  const links = [...text.matchAll(/href="([^"]+)"/g)].map(([, link = '']) =>
    link.replaceAll('&amp;', '&').replaceAll('&#39;', "'"),
  )
  return [...new Set(links)].filter((link) => link.startsWith(below) && link !== page)
}

/** Wherever what is asked is shown. */
export function queriedPages(text: string): string[] {
  const asked = encodeURIComponent(text)
  return [
    ...[`/+search?query=${asked}&page=${asked}`, `/?group=${asked}&sort=${asked}`],
    ...[`/ada/dev?page=${asked}&around=${asked}`, `/ada/dev/+explain/evil?version=${asked}`],
  ]
}

/** Wherever a part of the address is shown. */
export function namedPages(text: string): string[] {
  const name = encodeURIComponent(text)
  return [
    ...[`/${name}`, `/ada/${name}`, `/ada/dev/${name}`, `/ada/dev/evil/${name}`],
    ...[`/ada/dev/evil/+diff/1.1/${name}`, `/ada/dev/evil/1.1/+contents/${name}`],
    ...[`/ada/dev/evil/1.2/+d/${name}`, `/ada/dev/evil/1.1/+toxresults/${name}`],
  ]
}
