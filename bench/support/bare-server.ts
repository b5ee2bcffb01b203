/**
 * The least that Node can do: answers from memory, by path, with nothing looked at. Run as a program with the
 * path of a JSON file that holds the answers; prints its address.
 */
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface BareAnswer {
  readonly path: string
  readonly status: number
  readonly headers: readonly (readonly [string, string])[]
  /** In base64. */
  readonly body: string
}

const file = process.argv[2] ?? ''
const answers = new Map(
  (JSON.parse(readFileSync(file, 'utf8')) as BareAnswer[]).map(
    ({ path, status, headers, body }) => [
      path,
      { status, headers: headers.flat(), body: Buffer.from(body, 'base64') },
    ],
  ),
)

const server = createServer((request, response) => {
  const answer = answers.get(request.url ?? '')
  if (!answer) {
    response.writeHead(404).end()
    return
  }
  response.writeHead(answer.status, answer.headers)
  response.end(answer.body)
})
server.listen(0, '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
})
process.once('SIGTERM', () => process.exit(0))
