/** Starts `bare-server.ts` with answers that another server gave. */
import { join } from 'node:path'
import { startProcess } from '../../test/support/process.ts'
import { makeTempFolder } from '../../test/support/temp.ts'
import type { WireAnswer } from './answers.ts'
import type { BareAnswer } from './bare-server.ts'
import { pinned } from './cores.ts'

export interface BareServer extends AsyncDisposable {
  readonly pid: number
  url(path: string): string
}

/** On the server's core. Each answer is at the path `/NAME`. */
export async function startBare(
  answers: Readonly<Record<string, WireAnswer>>,
): Promise<BareServer> {
  const folder = await makeTempFolder('bare')
  const list: BareAnswer[] = Object.entries(answers).map(([name, { status, headers, body }]) => ({
    path: `/${name}`,
    status,
    headers,
    body: body.toString('base64'),
  }))
  const file = await folder.write('answers.json', JSON.stringify(list))
  const program = join(import.meta.dirname, 'bare-server.ts')
  const { command, args } = pinned('server', process.execPath, [program, file])
  const child = startProcess(command, args, { env: { PATH: process.env['PATH'] ?? '' } })
  const address = await child.until(() => /(http:\S+)\s/.exec(child.stdout)?.[1])
  return {
    pid: child.pid,
    url: (path) => `${address}/${path}`,
    async [Symbol.asyncDispose]() {
      await child.stop()
      await folder.remove()
    },
  }
}
