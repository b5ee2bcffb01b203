/** Results of tests, posted to the address of the file that was tested (devpi-http 4.15). */
import { Readable } from 'node:stream'
import { refuse } from '#base/refusal'
import { parseJson } from '#http/body'
import { json } from '#http/reply'
import { post, type Answer, type Call, type Route } from '#http/route'
import type { ReadTransaction } from '#ledger/transaction'
import { assertMaySendToxresult } from '#registry/access'
import { findIndex } from '#registry/indexes'
import { addToxresult, getTestedFile } from '#registry/toxresults'
import { addressOf } from './files.ts'
import type { Parts } from './parts.ts'
import { actorOf } from './users.ts'

/** Bytes. They hold all that the tests wrote, and are read whole to see that they are JSON. */
const LARGEST = 32 * 1024 * 1024

export function toxresultRoutes({ ledger, blobs, server }: Parts): Route[] {
  const limit = Math.min(LARGEST, server.maxUploadSize)
  const file = '/:user/:index/+f/:a/:b/:filename'
  return [
    ...[file, `${file}/`].map((path) => post(path, addResult, { early })),
    // Whatever else is below: there is no file.
    post('/:user/:index/+f/*', refuseOther, { early: refuseOther }),
  ]

  async function early(call: Call): Promise<void> {
    await ledger.read((tx) => getTested(tx, call))
  }

  async function addResult(call: Call): Promise<Answer> {
    const bytes = await call.bytes(limit)
    parseJson(bytes)
    await early(call) // what is refused now leaves nothing
    await using content = await blobs.stage(Readable.from([bytes]))
    await content.keep()

    const { folder } = addressOf(call)
    const result = await ledger.write(actorOf(call), async (tx) => {
      const tested = await getTested(tx, call)
      const { user } = call.who
      const { digest, size } = content
      const name = await addToxresult(tx, tested, { digest, size, user })
      return `${tested.index}/${folder}/${name}`
    })
    return json(200, { result: `${result}#sha256=${content.digest}`, type: 'toxresultpath' })
  }

  async function refuseOther(call: Call): Promise<never> {
    await ledger.read((tx) => assertAllowed(tx, call))
    const path = call.path.replace(/^\/+|\/+$/g, '')
    throw refuse('toxresult-target-missing', { path })
  }
}

async function getTested(tx: ReadTransaction, call: Call) {
  await assertAllowed(tx, call)
  return getTestedFile(tx, addressOf(call))
}

async function assertAllowed(tx: ReadTransaction, call: Call): Promise<void> {
  assertMaySendToxresult(await findIndex(tx, addressOf(call).index), call.who)
}
