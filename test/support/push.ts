/** Two indexes, and releases with all that can be pushed. */
import type { Sha256 } from '#base/digest'
import { sha256 } from '#base/digest'
import { Readable } from 'node:stream'
import { keys } from '#registry/keys'
import { startApi, type Api, type AskOptions, type Reply } from './api.ts'
import { sendFile } from './upload.ts'
import { makeSdist, makeWheel, makeZip, type Distribution } from './wheel.ts'

export const SOURCE = 'ada/dev'
export const TARGET = 'bob/prod'

export const wheel = makeWheel('foo', '1.0')
export const sdist = makeSdist('foo', '1.0')
export const docsZip = makeZip([{ name: 'index.html', content: '<h1>foo</h1>' }])
export const toxJson = Buffer.from('{"testenvs": {}}')

/** Both users' passwords are `pw`; ada may upload to bob's index. */
export async function startIndexes(target: Readonly<Record<string, unknown>> = {}): Promise<Api> {
  const api = await startApi({ indexes: [SOURCE] })
  await api.makeIndex(TARGET, { acl_upload: ['bob', 'ada'], ...target })
  return api
}

export async function sendRelease(api: Api, index = SOURCE): Promise<void> {
  const fields = { summary: 'All of it', classifiers: ['A', 'B'], metadata_version: '2.1' }
  for (const file of [wheel, sdist]) await sendFile(api, index, file, fields)
}

/** The wheel's test result, and the documentation of `foo` 1.0. */
export async function addExtras(api: Api, index = SOURCE): Promise<void> {
  const docs = { digest: await keep(api, docsZip), size: docsZip.length }
  const tox = { digest: await keep(api, toxJson), size: toxJson.length }
  await api.ledger.write('ada', async (tx) => {
    const log = [{ what: 'upload' as const, who: 'ada', when: [2026, 1, 2, 3, 4, 5], dst: index }]
    const overwrite = {
      what: 'overwrite' as const,
      who: null,
      when: [2026, 1, 2, 3, 4, 5],
      count: 2,
    }
    tx.set(keys.docs(index, 'foo', '1.0'), { ...docs, addedAt: 1, log: [overwrite, ...log] })
    const place = { index, project: 'foo', filename: wheel.filename }
    tx.set(keys.toxresult(place, `${wheel.filename}.toxresult-20260102030405-0`), {
      ...tox,
      addedAt: 2,
      log: [overwrite, ...log],
    })
  })
}

async function keep(api: Api, bytes: Buffer): Promise<Sha256> {
  const staged = await api.app.store.blobs.stage(Readable.from([bytes]))
  await staged.keep()
  return sha256(bytes)
}

/** Pushes `foo` 1.0 to the target as ada, unless the body or the options say otherwise. */
export const pushFoo = (
  api: Api,
  body: Readonly<Record<string, unknown>> = {},
  options: AskOptions = {},
): Promise<Reply> =>
  api.ask('PUSH', `/${SOURCE}`, {
    as: 'ada',
    json: { name: 'foo', version: '1.0', targetindex: TARGET, ...body },
    ...options,
  })

/** `+f/abc/0123456789abc/NAME` of an index. */
export const pathOf = ({ sha256: digest, filename }: Distribution, index = TARGET): string =>
  `${index}/+f/${digest.slice(0, 3)}/${digest.slice(3, 16)}/${filename}`
