/** Other servers than devpi's, on the server's core: proxpi before an upstream, and nginx over files. */
import { setTimeout as wait } from 'node:timers/promises'
import { cleanEnvironment } from '../../test/support/client.ts'
import {
  startNginxFiles,
  type FileServer,
  type FolderFiles,
} from '../../test/support/file-servers.ts'
import { findFreePort } from '../../test/support/ports.ts'
import { startProcess } from '../../test/support/process.ts'
import { pythonEnvironment } from '../../test/support/python-env.ts'
import { makeTempFolder } from '../../test/support/temp.ts'
import type { Contender } from './contenders.ts'
import { pinServer } from './cores.ts'
import { listFamily } from './memory.ts'

/** As its image runs it: gunicorn with one process and two threads. Its pages are at `url('index/')`. */
export async function startProxpi(
  upstreamUrl: string,
  say: (line: string) => void,
): Promise<Contender> {
  const environment = await pythonEnvironment('proxpi', say)
  const home = await makeTempFolder('proxpi')
  const port = await findFreePort()
  const address = `127.0.0.1:${port}`
  const env = {
    ...cleanEnvironment(environment, home.path),
    PROXPI_INDEX_URL: upstreamUrl,
    PROXPI_CACHE_DIR: home.join('files'),
    PROXPI_LOGGING_LEVEL: 'WARNING',
    // It would send clients upstream for what takes longer.
    PROXPI_DOWNLOAD_TIMEOUT: '60',
  }
  // Its master must not miss a worker that stands still while others are measured.
  const args = [
    '--preload',
    '--threads',
    '2',
    '--timeout',
    '0',
    '--bind',
    address,
    'proxpi.server:app',
  ]
  const child = startProcess(environment.bin('gunicorn'), args, { env, cwd: home.path })
  await child.until(() => /Booting worker with pid: \d+/.exec(child.stderr)?.[0])
  await untilHealthy(`http://${address}/health`)
  await pinFamily(child.pid)
  return {
    pid: child.pid,
    url: (path = '') => `http://${address}/${path.replace(/^\//, '')}`,
    async [Symbol.asyncDispose]() {
      await child.stop()
      await home.remove()
    },
  }
}

async function untilHealthy(url: string): Promise<void> {
  const givesUp = AbortSignal.timeout(30_000)
  for (;;) {
    const answer = await fetch(url, { signal: givesUp }).catch(() => undefined)
    if (answer?.ok) return
    givesUp.throwIfAborted()
    await wait(50)
  }
}

/** With what Debian's own configuration says of sending files, and connections that stay open. */
const lines = [
  ...['sendfile on;', 'tcp_nopush on;', 'keepalive_requests 100000000;'],
  'types { text/html html; application/vnd.pypi.simple.v1+json json; }',
].join('\n')

/** nginx with one worker over these files. `more`: further lines for its `server { }`. */
export async function startNginx(files: FolderFiles, more = ''): Promise<FileServer> {
  const server = await startNginxFiles(files, { lines: () => `${lines}\n${more}` })
  await pinFamily(server.pid)
  return server
}

async function pinFamily(pid: number): Promise<void> {
  for (const one of await listFamily(pid)) pinServer(one)
}
