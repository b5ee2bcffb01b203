/** The same projects on an index of their own, half of them on each of two bases, and behind a mirror. */
import { makeStages } from '../../test/support/devpi-api.ts'
import type { StaticFile } from '../../test/support/static-index.ts'
import type { Distribution } from '../../test/support/wheel.ts'
import { basicAuth, makeMirror, type Contender } from './contenders.ts'
import { makeSmallWheel, sendUploads, uploadBody, type UploadBody } from './uploads.ts'

export const FEW = 200
export const MANY = 5000

/** By the number of its files. */
export const projects = { [FEW]: 'anchor', [MANY]: 'chain' } as const
export type FileCount = keyof typeof projects

export const places = {
  own: { what: 'own index', index: 'ada/own' },
  over: { what: 'over two bases', index: 'ada/over' },
  mirror: { what: 'mirrored', index: 'ada/mirror' },
} as const
export type Place = keyof typeof places

const wheels = new Map<FileCount, readonly (readonly [version: string, wheel: Distribution])[]>()

function wheelsOf(count: FileCount): readonly (readonly [string, Distribution])[] {
  const known = wheels.get(count)
  if (known) return known
  const made = Array.from({ length: count }, (_, at): readonly [string, Distribution] => {
    const version = `1.${at}`
    return [version, makeSmallWheel(projects[count], version)]
  })
  wheels.set(count, made)
  return made
}

/** As an upstream has them. */
export const upstreamFiles = (...counts: readonly FileCount[]): (StaticFile & Distribution)[] =>
  counts.flatMap((count) =>
    wheelsOf(count).map(([, wheel]) => ({
      ...wheel,
      requiresPython: '>=3.9',
      uploadTime: '2024-05-06T07:08:09.123456Z',
    })),
  )

/** Those of `counts` are uploaded; the mirror has what upstream has. */
export async function fill(
  server: Contender,
  upstreamUrl: string,
  counts: readonly FileCount[],
): Promise<void> {
  const over = { name: 'ada/over', bases: ['ada/one', 'ada/two'] }
  await makeStages(server.url(), ['ada/own', 'ada/one', 'ada/two', over])
  await makeMirror(server, 'ada/mirror', upstreamUrl)

  const authorization = await basicAuth(server, 'ada', 'token')
  const send = (index: string, uploads: readonly UploadBody[]) =>
    sendUploads({ url: server.url(`${index}/`), authorization, uploads, connections: 2 })
  for (const count of counts) {
    const uploads = wheelsOf(count).map(([version, wheel]) =>
      uploadBody(projects[count], version, wheel),
    )
    await send('ada/own', uploads)
    await send('ada/one', uploads.slice(0, count / 2))
    await send('ada/two', uploads.slice(count / 2))
  }
}
