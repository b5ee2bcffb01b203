/** The ways to the server for tests of the API: without a socket, over one, or through an nginx as we set it up. */
import { Agent, request as httpRequest, type IncomingMessage } from 'node:http'
import { buffer } from 'node:stream/consumers'
import type { InjectOptions } from 'fastify'
import type { App } from '#app'
import { startNginx } from './nginx.ts'
import { findFreePort } from './ports.ts'

/** `replica`: to a replica of the server, over a socket; `workers`: to two workers in turn. `startApi` starts them. */
export const transportNames = [
  'inject',
  'socket',
  'nginx',
  'nginx-caching',
  'nginx-sending',
  'replica',
  'workers',
] as const
export type TransportName = (typeof transportNames)[number]

/** All files of tests of the API can be run in another way than they usually are. */
export const TRANSPORT_VARIABLE = 'WHEELYARD_TEST_TRANSPORT'

export interface SentRequest {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | Uint8Array | undefined
}

export interface HeardReply {
  readonly status: number
  readonly reason: string
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly bytes: Buffer
}

export interface Transport extends AsyncDisposable {
  /** Where the server has to listen; 0 for any port. */
  readonly port: number
  send(app: App, request: SentRequest): Promise<HeardReply>
}

/** The way that the environment names, or else the shortest. */
export function chosenTransport(): TransportName {
  const wanted = process.env[TRANSPORT_VARIABLE] || 'inject'
  const name = transportNames.find((one) => one === wanted)
  if (name === undefined) throw new Error(`${TRANSPORT_VARIABLE}: no transport ${wanted}`)
  return name
}

/** `folder`: the server's, with its data. */
export async function openTransport(name: TransportName, folder: string): Promise<Transport> {
  if (name === 'inject' || name === 'workers')
    return { port: 0, send: inject, async [Symbol.asyncDispose]() {} }
  if (name === 'socket' || name === 'replica') return overSocket(0, ({ url }) => url)
  const port = await findFreePort()
  const nginx = await startNginx({
    upstream: `http://127.0.0.1:${port}/`,
    isCaching: name === 'nginx-caching',
    path: undefined,
    sendsFrom: name === 'nginx-sending' ? folder : undefined,
  })
  const way = overSocket(port, () => nginx.url())
  return {
    ...way,
    async [Symbol.asyncDispose]() {
      await way[Symbol.asyncDispose]()
      await nginx[Symbol.asyncDispose]()
    },
  }
}

async function inject(app: App, { method, path, headers, body }: SentRequest): Promise<HeardReply> {
  const response = await app.server.inject({
    method,
    validate: method !== 'PUSH', // which is in nobody's list of methods
    url: path,
    headers,
    ...(body === undefined ? {} : { payload: body }),
  } as InjectOptions)
  return {
    status: response.statusCode,
    reason: response.statusMessage,
    headers: response.headers as Record<string, string | undefined>,
    bytes: response.rawPayload,
  }
}

/** Connections are kept and used again, as clients do. */
function overSocket(port: number, addressOf: (app: App) => string): Transport {
  const agent = new Agent({ keepAlive: true })
  return {
    port,
    async send(app, { method, path, headers, body }) {
      const { hostname, port: to } = new URL(addressOf(app))
      const length = body === undefined ? {} : { 'content-length': `${Buffer.byteLength(body)}` }
      const address = { host: hostname, port: to, path, method, agent }
      const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
      httpRequest({ ...address, headers: { ...length, ...headers } }, resolve)
        .on('error', reject)
        .end(body)
      const response = await promise
      return {
        status: response.statusCode ?? 0,
        reason: response.statusMessage ?? '',
        headers: singleHeaders(response),
        bytes: await buffer(response),
      }
    },
    async [Symbol.asyncDispose]() {
      agent.destroy()
    },
  }
}

/** Node has a list of cookies, be it one. */
function singleHeaders({ headers }: IncomingMessage): Record<string, string | undefined> {
  const { 'set-cookie': cookies, ...others } = headers
  return { ...(others as Record<string, string>), 'set-cookie': cookies?.join(', ') }
}
