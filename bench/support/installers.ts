/** uv and pip as they resolve and install into an empty Python: nothing of what they saw before is kept. */
import { makePip, makeUv } from '../../test/support/clients.ts'
import type { RunResult } from '../../test/support/process.ts'

export type Tool = 'uv' | 'pip'
export type Work = 'resolve' | 'install'

interface Installer extends AsyncDisposable {
  install(what: string, indexUrl: string, ...options: string[]): Promise<RunResult>
}

const makers: Readonly<Record<Tool, () => Promise<Installer>>> = { uv: makeUv, pip: makePip }

/** Bytecode would cost as much as all else, and has to do with no index. */
const flags: Readonly<Record<Tool, readonly string[]>> = {
  uv: ['--no-cache', '--no-config', '--no-compile-bytecode'],
  pip: ['--no-cache-dir', '--no-compile', '--progress-bar', 'off'],
}

/** Runs it within `timed`, which is handed all that counts. */
export async function runInstaller<T>(
  tool: Tool,
  work: Work,
  what: { readonly requirement: string; readonly indexUrl: string },
  timed: (run: () => Promise<void>) => Promise<T>,
): Promise<T> {
  await using installer = await makers[tool]()
  const options = work === 'resolve' ? [...flags[tool], '--dry-run'] : flags[tool]
  return await timed(async () => {
    const { code, output } = await installer.install(what.requirement, what.indexUrl, ...options)
    if (code !== 0) throw new Error(output)
  })
}
