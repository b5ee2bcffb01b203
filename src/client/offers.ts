/** What an index has of a project, and where: on its own pages, or upstream of a Wheelyard's index. */
import { UpstreamFailure } from '#base/failure'
import { parseProjectHtml } from '#python/html-page-reader'
import type { ProjectName } from '#python/name'
import { parseProjectJson } from '#python/simple-page-json'
import type { Client } from './client.ts'

export interface Offer {
  readonly filename: string
  /** Absent for a file that has none there: one that an index owns has no upstream. */
  readonly url: string | undefined
  readonly hashes: Readonly<Record<string, string>>
  /** The address of the index that has it. */
  readonly index: string
}

/** Of any simple index: `index` is the address of its list, with a slash at its end. */
export async function listOffers(
  client: Client,
  index: string,
  project: ProjectName,
): Promise<Offer[]> {
  const page = await client.getPage(`${index}${project}/`)
  if (!page) return []
  const parse = page.isJson ? parseProjectJson : parseProjectHtml
  const { files } = parse(page.text, page.url)
  return files.map(({ filename, url, hashes }) => ({ filename, url, hashes, index }))
}

interface Explanation {
  readonly files: readonly {
    readonly filename: string
    readonly index: string
    readonly upstream?: string
    readonly hashes: Readonly<Record<string, string>>
  }[]
  readonly indexes: readonly { readonly index: string; readonly mirror?: { upstream?: string } }[]
}

/** Of an index of a Wheelyard: where its files come from, whether or not its policies show them. */
export async function listUpstreamOffers(
  client: Client,
  index: string,
  project: ProjectName,
): Promise<Offer[]> {
  const found = (await client
    .get(`${index}/+explain/${encodeURIComponent(project)}`)
    .catch((error: unknown) => {
      if (error instanceof UpstreamFailure && error.status === 404) return undefined
      throw error
    })) as Explanation | undefined
  if (!found) return []
  const mirrors = new Map(found.indexes.map(({ index: name, mirror }) => [name, mirror?.upstream]))
  return found.files.map(({ filename, index: holder, upstream, hashes }) => {
    const at = mirrors.get(holder)
    return { filename, url: at === undefined ? undefined : upstream, hashes, index: at ?? holder }
  })
}
