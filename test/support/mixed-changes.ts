/** What a busy site does all day, one commit of devpi each: in the same order for the same numbers. */
import { mapInParallel } from '#base/parallel'
import type { DevpiClient } from './devpi-primary.ts'
import { makeDocs } from './docs.ts'
import { toxResult } from './toxresults.ts'
import { urlOf } from './upload.ts'
import { makeSdist, makeWheel } from './wheel.ts'

/** Changes for each project. */
const EACH = 8

/** `busy/dev` (volatile) over `busy/prod`, which get the changes. */
export async function makeBusyIndexes(client: DevpiClient): Promise<void> {
  await client.makeUser('busy')
  await client.makeIndex('busy/prod', { volatile: false })
  await client.makeIndex('busy/dev', { bases: ['busy/prod'] })
}

/** So many changes from the given project on, some at once. Returns the number of the next project. */
export async function makeChanges(client: DevpiClient, count: number, first = 0): Promise<number> {
  const projects = Array.from({ length: Math.ceil(count / EACH) }, (_, i) => first + i)
  await mapInParallel(projects, 8, (number) => changeProject(client, number))
  return first + projects.length
}

async function changeProject(client: DevpiClient, number: number): Promise<void> {
  const name = `project-${number}`
  const [wheel, other] = [makeWheel(name, '1.0'), makeWheel(name, '2.0')]
  const release = { name, version: '1.0' }
  const asBusy = { as: 'busy' }
  await client.upload('busy/dev', wheel, { ...release, summary: `Number ${number}` })
  await client.upload('busy/dev', makeSdist(name, '1.0'), { ...release, requires_python: '>=3.9' })
  await client.must('POST', urlOf(wheel, 'busy/dev'), { json: JSON.parse(toxResult(name)) })
  await client.uploadDocs('busy/dev', makeDocs({ 'index.html': name }).bytes, release)
  await client.must('PUSH', '/busy/dev', {
    ...asBusy,
    json: { ...release, targetindex: 'busy/prod' },
  })
  await client.upload('busy/dev', other, { name, version: '2.0' })
  const what = number % 3
  if (what === 0) await client.must('DELETE', `/busy/dev/${name}/2.0`, asBusy)
  else if (what === 1) await client.must('DELETE', urlOf(other, 'busy/dev'), asBusy)
  else
    await client.upload('busy/dev', makeWheel(name, '2.0', { content: 'again = True' }), {
      name,
      version: '2.0',
    })
  await client.must('PATCH', '/busy/dev', { ...asBusy, json: [`title=after ${number}`] })
}
