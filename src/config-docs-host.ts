/** The address for documentation alone: what must hold so that it keeps documentation apart from logins. */
import { isIP } from 'node:net'
import type { Config } from './config.ts'

type Hosts = Pick<Config, 'docsUrl' | 'outsideUrl' | 'authcheckLogin'>

/** What is wrong with `--docs-url`, as sentences. */
export function findDocsHostMistakes({ docsUrl, outsideUrl, authcheckLogin }: Hosts): string[] {
  if (docsUrl === undefined) return []
  if (outsideUrl === undefined) {
    return [
      '--docs-url: needs --outside-url beside it, the address of all that is no documentation',
    ]
  }
  const [docs, outside] = [new URL(docsUrl), new URL(outsideUrl)]
  const mistakes: string[] = []
  if (nameOf(docs) === nameOf(outside)) {
    mistakes.push(
      `--docs-url: ${nameOf(docs)} is the host of --outside-url too, and browsers tell hosts apart by name ` +
        'alone, not by port or path; give documentation a host name of its own',
    )
  }
  if (outside.protocol === 'https:' && docs.protocol !== 'https:') {
    mistakes.push(
      '--docs-url: must begin with https:// as --outside-url does; browsers show nothing else on its pages',
    )
  }
  if (authcheckLogin) {
    mistakes.push(
      '--docs-url: nobody is logged in on a host for documentation, so it goes not with --authcheck-login',
    )
  }
  return mistakes
}

/** What whoever gives documentation a host name near the server's should know. */
export function findDocsHostNotes({ docsUrl, outsideUrl }: Hosts): string[] {
  if (docsUrl === undefined || outsideUrl === undefined) return []
  const [docs, outside] = [new URL(docsUrl), new URL(outsideUrl)]
  const domain = domainOf(docs.hostname)
  const isNamedForHost = outside.protocol === 'https:' && /^\/*$/.test(outside.pathname)
  if (domain === undefined || domain !== domainOf(outside.hostname) || isNamedForHost) return []
  return [
    `scripts of documentation on ${docs.hostname} can set cookies for all of ${domain}, and so log a reader of ` +
      `${outside.hostname} in as somebody else; --outside-url with https:// and without a path, or a --docs-url ` +
      'of another domain keeps them out',
  ]
}

/** The same host with a dot at its end has the same documentation and logins. */
const nameOf = ({ hostname }: URL): string => hostname.replace(/\.$/, '')

/** The part that two names share whose hosts can set cookies for each other. */
function domainOf(hostname: string): string | undefined {
  if (isIP(hostname) !== 0 || hostname.startsWith('[')) return undefined
  const labels = hostname.split('.')
  return labels.length < 2 ? undefined : labels.slice(-2).join('.')
}
