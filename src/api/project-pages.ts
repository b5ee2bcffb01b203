/** Pages made of a project's links: kept while the ledger says the same and the mirrors they came from are fresh. */
import { refuse } from '#base/refusal'
import type { ReadTransaction } from '#ledger/transaction'
import type { ProjectName } from '#python/name'
import type { IndexName } from '#registry/indexes'
import { listLinks, type ProjectLinks, type Scope, type Sources } from '#registry/links'
import type { Policies } from '#registry/policies'
import { Page } from '#simple/page'
import { freshenSources, learnFacts } from './freshen.ts'
import { isStillJudgedSo, judgedOf, type Judged } from './judged.ts'
import type { Parts } from './parts.ts'

/** What a page is about. */
export interface Subject {
  readonly index: IndexName
  readonly project: ProjectName
  readonly scope: Scope
  /** It depends on what the ledger does not tell of, and is made anew each time. */
  readonly isPassing?: boolean
  /** The page keeps what it was made from. */
  readonly keepsLinks?: boolean
}

/** What a page's answer needs besides its bytes. */
export interface LinksExtra {
  /** The mirrors that it was built from: it is only as good as their links are fresh. */
  readonly mirrors: readonly IndexName[]
  readonly upstreamSerial: number | undefined
  readonly judged: Judged | undefined
  /** What it was made from, if its subject keeps that. */
  readonly found: ProjectLinks | undefined
}

export type LinksPage = Page<LinksExtra>

type Render = (found: ProjectLinks, tx: ReadTransaction) => string | Promise<string>

export interface ProjectPages {
  /** The page, if it is here and true as of the last look for others' commits. */
  find(name: string, project: ProjectName): LinksPage | undefined
  /** Asks the mirrors that count and makes the page. Refuses a missing index, and a project that nobody has. */
  make(name: string, subject: Subject, render: Render): Promise<LinksPage>
  /** What an index's page of a project is made from, kept as the page is. Refuses as `make` does. */
  links(index: IndexName, project: ProjectName): Promise<ProjectLinks>
}

export function projectPages(parts: Parts): ProjectPages {
  const { ledger, mirrors, pages, policies } = parts
  return { find, make, links }

  async function links(index: IndexName, project: ProjectName): Promise<ProjectLinks> {
    const name = `links ${index} ${project}`
    const subject = { index, project, scope: 'all', keepsLinks: true } as const
    const page = find(name, project) ?? (await make(name, subject, () => ''))
    const { found } = page.extra
    if (!found) throw new Error(`${name} was kept without its links`)
    return found
  }

  function find(name: string, project: ProjectName): LinksPage | undefined {
    const page = pages.find<LinksExtra>(name)
    const isGood =
      page?.extra.mirrors.every((mirror) => mirrors.isFresh(mirror, project)) &&
      isStillJudgedSo(policies, page.extra.judged)
    return isGood ? page : undefined
  }

  async function make(name: string, subject: Subject, render: Render): Promise<LinksPage> {
    const { sources, failure } = await freshenSources(parts, subject)
    await ledger.catchUp()
    // Nor does the ledger tell when a file has come or gone.
    const isOffline = mirrors.isOffline && namesOfMirrors(sources).length > 0
    if (isOffline || subject.isPassing) {
      const found = await ledger.read((tx) => getLinks(tx, policies, subject, failure))
      const links = await mirrors.listOffered(found.links)
      mirrors.noteShown(subject.project, links, found.sources.order)
      const text = await ledger.read(async (tx) => render({ ...found, links }, tx))
      return await Page.of(text, extraOf(found, subject), name)
    }
    const kept = pages.find<LinksExtra>(name)
    if (kept && isStillJudgedSo(policies, kept.extra.judged)) return kept
    if (subject.scope !== 'own') await learnFacts(parts, sources, subject.project)
    return pages.build<LinksExtra>(name, async (tx) => {
      const found = await getLinks(tx, policies, subject, failure)
      const extra = extraOf(found, subject)
      mirrors.noteShown(subject.project, found.links, found.sources.order)
      return { text: await render(found, tx), extra, weight: weightOf(extra) }
    })
  }

  /** What a mirror has itself is what is known of it here: no freshness counts. */
  function extraOf(found: ProjectLinks, { scope, keepsLinks }: Subject): LinksExtra {
    const { sources, upstreamSerial } = found
    return {
      mirrors: scope === 'own' ? [] : namesOfMirrors(sources),
      upstreamSerial,
      judged: judgedOf(policies, found),
      found: keepsLinks ? found : undefined,
    }
  }
}

/** Room that a file takes in memory. */
const LINK_BYTES = 1000

const weightOf = ({ found }: LinksExtra): number =>
  found ? (found.links.length + found.withheld.length) * LINK_BYTES : 0

async function getLinks(
  tx: ReadTransaction,
  policies: Policies,
  subject: Subject,
  failure: Error | undefined,
): Promise<ProjectLinks> {
  const { project } = subject
  const found = await listLinks(tx, policies, subject)
  // "Does not exist" would send an installer to its next index; an upstream that fails says nothing.
  if (!found.isKnown) throw failure ?? refuse('project-missing', { project })
  return found
}

const namesOfMirrors = ({ used }: Sources): IndexName[] =>
  used.flatMap(({ name, entry }) => (entry.type === 'mirror' ? [name] : []))
