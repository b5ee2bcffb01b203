/** What an upload costs at the hundredth and at the ten-thousandth file of a project, in turns. */
import { figureOf } from './support/compare.ts'
import { basicAuth, startWheelyard } from './support/contenders.ts'
import type { Figure } from './support/figure.ts'
import { processorTime } from './support/memory.ts'
import { makeUploads, sendUploads } from './support/uploads.ts'

const ROUNDS = 15
const BLOCK = 40
const FEW = 100
const MANY = 10_000
const CONNECTIONS = 8
const FILL_BLOCK = 500

export async function measure(say: (line: string) => void): Promise<Figure[]> {
  await using ours = await startWheelyard(['ada/own'])
  const authorization = await basicAuth(ours, 'ada', 'token')
  const target = { url: ours.url('ada/own/'), authorization }
  let sent = 0

  /** Sends the next uploads to a project. */
  async function next(project: string, from: number, count: number, connections: number) {
    const uploads = makeUploads(project, from, count)
    const before = await processorTime(ours.pid)
    const { ms } = await sendUploads({ ...target, uploads, connections })
    return { ms: ms / count, cpu: ((await processorTime(ours.pid)) - before) / count }
  }

  say(`filling a project with ${MANY} files …`)
  const start = MANY - (ROUNDS * 2 * BLOCK) / 2
  while (sent < start) {
    const count = Math.min(FILL_BLOCK, start - sent)
    await next('many', sent, count, CONNECTIONS)
    sent += count
  }

  say('uploads at both ends …')
  return [...(await contest(CONNECTIONS)), ...(await contest(1))]

  async function contest(connections: number): Promise<Figure[]> {
    const many: Cost[] = []
    const few: Cost[] = []
    for (let round = 0; round < ROUNDS; round++) {
      many.push(await next('many', sent, BLOCK, connections))
      sent += BLOCK

      const project = `few-${connections}-${round}`
      const first = FEW - BLOCK / 2
      await next(project, 0, first, CONNECTIONS)
      few.push(await next(project, first, BLOCK, connections))
    }
    return costs.map(({ name, what }) =>
      figureOf(
        {
          name: `growth.${name}.${connections}`,
          what: `${what} of an upload at file ${MANY} of a project, ${connections} at a time`,
          unit: 'ms',
          peerName: `at file ${FEW}`,
        },
        many.map((cost) => cost[name]),
        few.map((cost) => cost[name]),
      ),
    )
  }
}

interface Cost {
  readonly ms: number
  readonly cpu: number
}

/** Most of the time is the disk's: what grows would show in the processor's. */
const costs = [
  { name: 'ms', what: 'time' },
  { name: 'cpu', what: "server's processor time" },
] as const
