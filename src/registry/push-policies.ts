/** What policies of the index that is asked hide of a project: a push takes none of it. */
import type { ReadTransaction } from '#ledger/transaction'
import type { ProjectName } from '#python/name'
import { listResolutionOrder } from './inheritance.ts'
import type { IndexName } from './indexes.ts'
import { listLinks } from './links.ts'
import type { Finding, Policies } from './policies.ts'

/** What hides a file of an index, if anything does. */
export type FindHidden = (index: IndexName, filename: string) => Finding | undefined

export async function listHidden(
  tx: ReadTransaction,
  policies: Policies,
  { asked, project }: { readonly asked: IndexName; readonly project: ProjectName },
): Promise<FindHidden> {
  if (!policies.isPoliced(await listResolutionOrder(tx, asked))) return () => undefined
  const { withheld } = await listLinks(tx, policies, { index: asked, project })
  const findings = new Map<string, Finding>()
  for (const one of withheld) {
    if (one.why === 'policy') findings.set(place(one.link.index, one.link.filename), one.finding)
  }
  return (index, filename) => findings.get(place(index, filename))
}

/** No name has a slash in it. */
const place = (index: IndexName, filename: string): string => `${index}/${filename}`
