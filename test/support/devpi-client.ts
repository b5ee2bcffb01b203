/** The unmodified devpi client and the tools that run it, each with a home and a state folder of its own. */
import assert from 'node:assert/strict'
import {
  ada,
  makeClient,
  writeDistributions,
  type Client,
  type ClientRunOptions,
  type DistributionFile,
  type Login,
} from './client.ts'
import type { RunResult } from './process.ts'

export interface Devpi extends Client {
  devpi(args: readonly string[], options?: ClientRunOptions): Promise<RunResult>
  /** Runs a command, which must end with 0, and returns what it printed. */
  ok(...args: string[]): Promise<string>
  /** Runs a command, which must end with 1 as all that is refused does, and returns what it printed. */
  refused(...args: string[]): Promise<string>
  /** `devpi use URL` and `devpi login`; a failure is an error. */
  open(indexUrl: string, login?: Login): Promise<void>
  upload(
    files: DistributionFile | readonly DistributionFile[],
    ...options: string[]
  ): Promise<RunResult>
}

export async function makeDevpi(): Promise<Devpi> {
  const client = await makeClient('clients')
  const devpi: Devpi['devpi'] = (args, options) => client.run('devpi', args, options)
  const ended = async (code: number, args: readonly string[]): Promise<string> => {
    const { output, ...result } = await devpi(args)
    assert.equal(result.code, code, `devpi ${args.join(' ')}: ${output}`)
    assert.doesNotMatch(output, /Traceback/)
    return output
  }
  return {
    ...client,
    devpi,
    ok: (...args) => ended(0, args),
    refused: (...args) => ended(1, args),
    async open(indexUrl, login = ada) {
      await ended(0, ['use', indexUrl])
      await ended(0, ['login', login.user, `--password=${login.password}`])
    },
    async upload(files, ...options) {
      const paths = await writeDistributions(client.home, files)
      return devpi(['upload', ...options, ...paths])
    },
  }
}

/** A client that is logged in and uses the index. */
export async function openDevpi(indexUrl: string, login: Login = ada): Promise<Devpi> {
  const devpi = await makeDevpi()
  await devpi.open(indexUrl, login)
  return devpi
}

/** The lines that a command printed, without the client's own remarks on redirects, plain http and work folders. */
export function linesOf(output: string): string[] {
  return output
    .split('\n')
    .filter(
      (line) =>
        line.trim() !== '' && !/^(\*redirected|using workdir|Warning: insecure) /.test(line),
    )
}

/** Runs `devpi upload` in a project's folder, which must end with 0, and returns what it printed. */
export async function uploadIn(
  devpi: Devpi,
  folder: string,
  ...options: string[]
): Promise<string> {
  const { code, output } = await devpi.devpi(['upload', ...options], { cwd: folder })
  assert.equal(code, 0, output)
  return output
}

/** The files that `devpi upload` says it has sent. */
export const sentFiles = (output: string): string[] =>
  [...output.matchAll(/^(?:file|doc)_upload of (\S+) to /gm)].map(([, name]) => name ?? '')

/** What `devpi push` shows of each thing that the server did, without the spaces before it. */
export const actionsOf = (output: string): string[] =>
  linesOf(output)
    .filter((line) => line.startsWith('   '))
    .map((line) => line.trim())
