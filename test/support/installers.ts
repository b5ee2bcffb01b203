/** pip, uv, poetry and pdm behind one face: each install has its own process, home and virtual environment. */
import assert from 'node:assert/strict'
import type { Target } from './client.ts'
import { makePip, makePoetry, makeUv } from './clients.ts'
import { makePdm } from './pdm.ts'
import type { RunResult } from './process.ts'

export const installerNames = ['pip', 'uv', 'poetry'] as const
/** pdm resolves as slowly as it installs: it is asked where the others may differ from it. */
export type InstallerName = (typeof installerNames)[number] | 'pdm'

export interface Installer extends AsyncDisposable, Pick<Target, 'installed'> {
  /** Requirements as in a wheel's metadata, from this index and nowhere else. */
  install(requirements: string | readonly string[], indexUrl: string): Promise<RunResult>
}

export async function makeInstaller(name: InstallerName): Promise<Installer> {
  if (name === 'pip') return makePip()
  if (name === 'uv') return makeUv()
  if (name === 'pdm') return makePdm()
  const poetry = await makePoetry()
  return {
    ...poetry,
    async install(requirements, indexUrl) {
      await poetry.writeProject({ indexUrl, dependencies: [requirements].flat() })
      return poetry.poetry(['install'])
    },
  }
}

/** Installs into an empty environment, after which exactly `expected` is there. */
export async function assertInstalls(
  name: InstallerName,
  requirements: string | readonly string[],
  { from, expected }: { from: string; expected: readonly string[] },
): Promise<void> {
  await using installer = await makeInstaller(name)
  assertDone(await installer.install(requirements, from))
  assert.deepEqual(await installer.installed(), expected, `what ${name} installed`)
}

/** The program ended well; if not, what it said is the message. */
export function assertDone(result: RunResult): void {
  assert.equal(result.code, 0, result.output)
}

/** The program came to its own end, with an error that says this. */
export function assertFailed(result: RunResult, says: RegExp): void {
  const hasFailed = result.code !== 0 && result.code < 128
  assert.ok(hasFailed, `exit code ${result.code}:\n${result.output}`)
  assert.match(result.output, says)
}
