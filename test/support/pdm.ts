/** pdm in a project that takes what it needs from one index, and installs it into an empty Python. */
import { makeClient, makeTarget, type Client, type Target } from './client.ts'
import type { RunResult } from './process.ts'

export interface Pdm extends Client, Target {
  /** Locks the requirements and installs what is locked. */
  install(requirements: string | readonly string[], indexUrl: string): Promise<RunResult>
}

export async function makePdm(): Promise<Pdm> {
  const client = await makeClient('publishers')
  const target = await makeTarget(client)
  return {
    ...client,
    ...target,
    async install(requirements, indexUrl) {
      await client.home.write('pyproject.toml', project([requirements].flat(), indexUrl))
      const env = { VIRTUAL_ENV: client.home.join('target') }
      return client.run('pdm', ['install', '--no-self'], { env })
    },
  }
}

/** The source `pypi` takes the place of pdm's own. */
const project = (dependencies: readonly string[], indexUrl: string): string => `[project]
name = "app"
version = "0.1.0"
requires-python = ">=3.11"
dependencies = ${JSON.stringify(dependencies)}

[tool.pdm]
distribution = false

[[tool.pdm.source]]
name = "pypi"
url = "${indexUrl}"
`
