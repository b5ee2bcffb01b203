/** Taking projects and releases away (devpi-http 4.12, 4.13). Files stand in `files.ts`. */
import { refuse } from '#base/refusal'
import { json } from '#http/reply'
import { del, type Answer, type Call, type Route } from '#http/route'
import type { ReadTransaction } from '#ledger/transaction'
import { forgetRelease } from '#mirror/removal'
import { assertMayRemoveFrom } from '#registry/access'
import { findIndex, type NamedIndex } from '#registry/indexes'
import { assertReleasesRemovable, removeProject, removeRelease } from '#registry/release-removal'
import type { Parts } from './parts.ts'
import { indexOf, projectOf } from './projects.ts'
import { actorOf } from './users.ts'
import { slashed } from './views.ts'

export function removalRoutes({ ledger }: Parts): Route[] {
  return [
    ...slashed('/:user/:index/:project', del, deleteProject),
    ...slashed('/:user/:index/:project/:version', del, deleteRelease),
  ]

  async function deleteProject(call: Call): Promise<Answer> {
    const [index, name] = [indexOf(call), projectOf(call)]
    await ledger.write(actorOf(call), async (tx) => {
      const { entry } = await getRemovable(tx, call)
      const isKept = !entry.volatile && !call.query.has('force')
      if (isKept) throw refuse('project-nonvolatile', { project: name, index })
      await removeProject(tx, index, name)
    })
    return json(200, { message: `project ${name} deleted from stage ${index}` })
  }

  async function deleteRelease(call: Call): Promise<Answer> {
    const { version = '' } = call.params
    const [index, name] = [indexOf(call), projectOf(call)]
    await ledger.write(actorOf(call), async (tx) => {
      const { entry } = await getRemovable(tx, call)
      assertReleasesRemovable(entry, call.query.has('force'))
      const place = { index, project: name, version }
      await (entry.type === 'mirror' ? forgetRelease(tx, place) : removeRelease(tx, place))
    })
    return json(200, { message: `project '${name}' version '${version}' deleted` })
  }
}

/** The index that a request takes something from. A missing one grants nothing to anybody. */
export async function getRemovable(tx: ReadTransaction, call: Call): Promise<NamedIndex> {
  const name = indexOf(call)
  const entry = await findIndex(tx, name)
  if (!entry) throw refuse('forbidden', { action: `delete from index ${name}` })
  assertMayRemoveFrom({ name, entry }, call.who)
  return { name, entry }
}
