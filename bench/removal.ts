/** Deleting an index with 10,000 files, and how long that holds others up who write. */
import { devpiAuth, logIn, PASSWORD } from '../test/support/devpi-api.ts'
import { basicAuth, startWheelyard } from './support/contenders.ts'
import type { Figure } from './support/figure.ts'
import { send } from './support/requests.ts'
import { makeUploads, sendUploads } from './support/uploads.ts'

const FILES = 10_000
const FILL_BLOCK = 500

export async function measure(say: (line: string) => void): Promise<Figure[]> {
  await using ours = await startWheelyard([{ name: 'ada/big', volatile: true }, 'ada/other'])
  const authorization = await basicAuth(ours, 'ada', 'token')
  const secret = await logIn(ours.url(), 'ada', PASSWORD)
  const headers = devpiAuth({ user: 'ada', secret })

  say(`uploading ${FILES} files …`)
  for (let from = 0; from < FILES; from += FILL_BLOCK) {
    const uploads = makeUploads('many', from, FILL_BLOCK)
    await sendUploads({ url: ours.url('ada/big/'), authorization, uploads, connections: 8 })
  }

  say('deleting the index …')
  let isDone = false
  let longest = 0
  let writes = 0
  async function writeMeanwhile(): Promise<void> {
    while (!isDone) {
      const body = JSON.stringify({ title: `title ${writes++}` })
      const { ms } = await timed(() =>
        send(undefined, ours.url(), { method: 'PATCH', path: '/ada/other', headers, body }),
      )
      longest = Math.max(longest, ms)
    }
  }
  const others = writeMeanwhile()
  const { ms } = await timed(() =>
    send(undefined, ours.url(), { method: 'DELETE', path: '/ada/big', headers }),
  )
  isDone = true
  await others

  return [
    { name: 'removal.time', what: `deleting an index with ${FILES} files`, unit: 'ms', ours: ms },
    {
      name: 'removal.others',
      what: `  the longest of ${writes} writes meanwhile`,
      unit: 'ms',
      ours: longest,
    },
  ]
}

async function timed(work: () => Promise<unknown>): Promise<{ ms: number }> {
  const begin = performance.now()
  await work()
  return { ms: performance.now() - begin }
}
