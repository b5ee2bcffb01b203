/** Taking projects and releases away (devpi-http 4.12, 4.13). Files stand in `files.ts`. */
import { json } from '#http/reply'
import { del, type Answer, type Call, type Route } from '#http/route'
import type { Parts } from './parts.ts'
import { indexOf, projectOf } from './projects.ts'
import { removalOperations, type Remover } from './removal-operations.ts'
import { slashed } from './views.ts'

export function removalRoutes(parts: Parts): Route[] {
  const remove = removalOperations(parts)
  return [
    ...slashed('/:user/:index/:project', del, deleteProject),
    ...slashed('/:user/:index/:project/:version', del, deleteRelease),
  ]

  async function deleteProject(call: Call): Promise<Answer> {
    const [index, name] = [indexOf(call), projectOf(call)]
    await remove.project(removerOf(call), index, name)
    return json(200, { message: `project ${name} deleted from stage ${index}` })
  }

  async function deleteRelease(call: Call): Promise<Answer> {
    const { version = '' } = call.params
    const [index, name] = [indexOf(call), projectOf(call)]
    await remove.release(removerOf(call), { index, project: name, version })
    return json(200, { message: `project '${name}' version '${version}' deleted` })
  }
}

export const removerOf = ({ who, query }: Call): Remover => ({ who, force: query.has('force') })
