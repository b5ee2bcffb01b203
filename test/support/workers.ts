/** A server of several workers, and which of them answers. */
import { Agent, request, type IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import { startYard, type Yard, type YardOptions } from './yard.ts'

export interface WorkerYard extends Yard {
  /** Process ids of the workers that took requests since the start, by their numbers. */
  workers(): Map<number, number>
  /** Resolves once as many have come to take requests since the start. */
  begun(count: number): Promise<unknown>
}

export async function startWorkers(
  { args = [], ...options }: YardOptions = {},
  count = 2,
): Promise<WorkerYard> {
  const yard = await startYard({ ...options, args: [...args, '--workers', `${count}`] })
  const workers = (): Map<number, number> => {
    const lines = yard.log.matchAll(/"a worker takes requests","worker":(\d+),"pid":(\d+)/g)
    return new Map(Array.from(lines, ([, number, pid]) => [Number(number), Number(pid)]))
  }
  await yard.logged(new RegExp(`(?:"a worker takes requests"[^]*?){${count}}`))
  return Object.defineProperties(Object.create(yard) as WorkerYard, {
    workers: { value: workers },
    begun: {
      value: (wanted: number) =>
        yard.logged(new RegExp(`(?:"a worker takes requests"[^]*?){${wanted}}`)),
    },
  })
}

/** Whether there is such a process. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

export interface Heard {
  readonly status: number | undefined
  readonly body: string
  /** Another text for each worker. */
  readonly worker: string
  readonly isLast: boolean
}

/** A client with one connection, which it keeps as long as the server does. */
export interface OneConnection extends Disposable {
  get(url: string, headers?: Readonly<Record<string, string>>): Promise<Heard>
}

export function openConnection(): OneConnection {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  return {
    async get(url, headers = {}) {
      const answer = await new Promise<IncomingMessage>((resolve, reject) => {
        request(url, { agent, headers }, resolve).on('error', reject).end()
      })
      const body = await text(answer)
      const [worker = ''] = String(answer.headers['x-request-id']).split('-')
      return {
        ...{ status: answer.statusCode, body, worker },
        isLast: answer.headers.connection === 'close',
      }
    },
    [Symbol.dispose]: () => agent.destroy(),
  }
}

/** Connections to as many different workers as there are. */
export async function connectToEach(yard: Yard, count = 2): Promise<OneConnection[]> {
  const found = new Map<string, OneConnection>()
  while (found.size < count) {
    const connection = openConnection()
    const { worker } = await connection.get(yard.url('+api'))
    if (found.has(worker)) connection[Symbol.dispose]()
    else found.set(worker, connection)
  }
  return [...found.values()]
}
