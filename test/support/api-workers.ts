/** Two workers in the process of a test, on one folder, which are asked in turn; what they say goes through a parent's board. */
import type { App } from '#app'
import type { Crew } from '#base/crew'
import type { Config } from '#config'
import { CrewMember } from '#workers/crew-member'
import { Switchboard } from '#workers/switchboard'
import type { ReplicaBeside } from './api-replica.ts'

type StartWith = (more: Partial<Config>, crew: Crew) => Promise<App>

export async function prepareWorkers(startWith: StartWith): Promise<ReplicaBeside> {
  let second: App | undefined
  let turn = 0

  async function stop(): Promise<void> {
    await second?.close()
    second = undefined
  }

  return {
    stop,
    close: stop,
    async start(more = {}) {
      const board = new Switchboard(
        () => {},
        () => ({ count: 2, workers: [] }),
      )
      const first = await startWith(more, joinBoard(board, 1))
      try {
        second = await startWith({ ...more, port: 0 }, joinBoard(board, 2))
      } catch (error) {
        await first.close()
        throw error
      }
      return first
    },
    async caughtUp(server) {
      return turn++ % 2 === 0 ? second! : server
    },
  }
}

/** As over a channel between processes: as JSON, later, and in order. */
function joinBoard(board: Switchboard, number: number): Crew {
  const listeners: ((message: unknown) => void)[] = []
  const later = (act: (message: never) => void, message: unknown): void => {
    const text = JSON.stringify(message)
    setImmediate(() => act(JSON.parse(text) as never))
  }
  const worker = {
    send: (message: unknown): void =>
      later((arrived) => listeners.forEach((hear) => hear(arrived)), message),
  }
  const own = {
    on: (_: string, hear: (message: unknown) => void) => listeners.push(hear),
    send: (message: unknown) => {
      later((arrived) => board.hear(arrived, worker), message)
      return true
    },
  } as unknown as NodeJS.Process
  board.add(worker)
  const member = new CrewMember(number, own)
  board.admit(worker)
  return member
}
