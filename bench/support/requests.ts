/** Requests that each differ, over a few connections that stay open: for what changes something. */
import { Agent, request } from 'node:http'

export interface Sent {
  readonly method: string
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

export interface RequestRun {
  /** The server's address. */
  readonly url: string
  readonly connections: number
  readonly seconds: number
  /** The request of that number, from 0 on; undefined where there are no more. */
  next(at: number): Sent | undefined
}

/** Good answers per second. Another answer is an error. */
export async function requestRate(run: RequestRun): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: run.connections })
  const begin = performance.now()
  let started = 0
  let answered = 0

  async function work(): Promise<void> {
    while (performance.now() - begin < run.seconds * 1000) {
      const sent = run.next(started++)
      if (!sent) return
      await send(agent, run.url, sent)
      answered++
    }
  }
  try {
    await Promise.all(Array.from({ length: run.connections }, work))
  } finally {
    agent.destroy()
  }
  return answered / ((performance.now() - begin) / 1000)
}

/** One request; resolves with the text of a good answer. */
export function send(
  agent: Agent | undefined,
  url: string,
  { method, path, headers = {}, body = '' }: Sent,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const length = Buffer.byteLength(body)
    const all = { accept: 'application/json', ...headers, 'content-length': length }
    const sent = request(new URL(path, url), { method, agent, headers: all }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
      response.on('error', reject).on('end', () => {
        const { statusCode = 0 } = response
        if (statusCode < 300) resolve(text)
        else reject(new Error(`${method} ${path}: ${statusCode} ${text.slice(0, 500)}`))
      })
    })
    sent.on('error', reject).end(body)
  })
}
