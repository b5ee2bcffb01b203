/** A server with TLS in front of another one, which lets in only who shows a certificate of its authority. */
import { execFileSync } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { request as ask } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { makeTempFolder } from './temp.ts'

export interface TlsFront extends AsyncDisposable {
  readonly url: string
  /** PEM files: the authority, and a client's certificate with its key. */
  readonly ca: string
  readonly client: string
  /** A client's certificate that nobody vouches for, with its key. */
  readonly stranger: string
  /** Connections that were refused for their certificate. */
  readonly refused: number
}

export async function startTlsFront(target: () => string): Promise<TlsFront> {
  const folder = await makeTempFolder('tls')
  const openssl = (...args: string[]): void =>
    void execFileSync('openssl', args, { stdio: 'ignore', cwd: folder.path })
  const fresh = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  for (const name of ['authority', 'stranger']) {
    openssl(
      'req',
      '-x509',
      ...fresh,
      '-keyout',
      `${name}.key`,
      '-out',
      `${name}.pem`,
      '-subj',
      `/CN=${name}`,
    )
  }
  for (const name of ['server', 'client']) {
    const made = ['-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/CN=${name}`]
    openssl('req', ...fresh, ...made, '-addext', 'subjectAltName=IP:127.0.0.1')
    const by = ['-CA', 'authority.pem', '-CAkey', 'authority.key', '-CAcreateserial']
    openssl(
      'x509',
      '-req',
      '-in',
      `${name}.csr`,
      ...by,
      '-copy_extensions',
      'copy',
      '-out',
      `${name}.pem`,
    )
  }
  const read = (name: string): Promise<string> => readFile(folder.join(name), 'utf8')
  const both = async (name: string): Promise<string> =>
    folder.write(`${name}-both.pem`, (await read(`${name}.pem`)) + (await read(`${name}.key`)))

  let refused = 0
  const server = createServer(
    {
      ...{ cert: await read('server.pem'), key: await read('server.key') },
      ...{ ca: await read('authority.pem'), requestCert: true, rejectUnauthorized: true },
    },
    (request, response) => {
      const { method, headers, url = '/' } = request
      const onward = ask(new URL(url, target()), { method, headers }, (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.statusMessage, answer.rawHeaders)
        answer.pipe(response)
      })
      onward.once('error', () => response.destroy())
      response.once('close', () => onward.destroy())
      request.pipe(onward)
    },
  )
  server.on('tlsClientError', () => (refused += 1))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `https://127.0.0.1:${port}/`,
    ca: folder.join('authority.pem'),
    client: await both('client'),
    stranger: await both('stranger'),
    get refused() {
      return refused
    },
    async [Symbol.asyncDispose]() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      server.closeAllConnections()
      await closed
      await folder.remove()
    },
  }
}
