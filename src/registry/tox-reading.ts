/** What a result of tests says, environment by environment (devpi-web 9). */
import { LRUCache } from 'lru-cache'
import { buffer } from 'node:stream/consumers'
import type { BlobStore, Sha256 } from '#blobs/blob-store'
import { SingleFlight } from '#base/single-flight'

/** `unknown`: nothing was tested. */
export type ToxState = 'passed' | 'failed' | 'unknown'

export interface ToxCommand {
  readonly command: string
  readonly output: string
  readonly hasPassed: boolean
}

export interface ToxEnvironment {
  readonly name: string
  readonly host: string
  readonly platform: string
  /** The first line of what Python says of itself. */
  readonly python: string
  readonly setup: readonly ToxCommand[]
  readonly test: readonly ToxCommand[]
  readonly state: ToxState
}

/** The state of all together: failed if one is, passed if all are. */
export function stateOf(environments: readonly Pick<ToxEnvironment, 'state'>[]): ToxState {
  if (environments.some(({ state }) => state === 'failed')) return 'failed'
  const havePassed = environments.every(({ state }) => state === 'passed')
  return environments.length > 0 && havePassed ? 'passed' : 'unknown'
}

/** Bytes of results that are kept: what was read of them takes about as much. */
const KEPT_BYTES = 16 * 1024 * 1024

export class ToxReadings {
  readonly #blobs: BlobStore
  readonly #kept = new LRUCache<Sha256, readonly ToxEnvironment[]>({ maxSize: KEPT_BYTES })
  readonly #reading = new SingleFlight<Sha256, readonly ToxEnvironment[]>()

  constructor(blobs: BlobStore) {
    this.#blobs = blobs
  }

  /** By name. None, where it is no result: whatever was sent is kept. */
  async read(digest: Sha256): Promise<readonly ToxEnvironment[]> {
    return this.#kept.get(digest) ?? this.#reading.run(digest, () => this.#read(digest))
  }

  async #read(digest: Sha256): Promise<readonly ToxEnvironment[]> {
    const blob = await this.#blobs.open(digest)
    if (!blob) throw new Error(`the test result ${digest} is lost`)
    const bytes = await buffer(blob.stream)
    const environments = readToxResult(bytes.toString())
    this.#kept.set(digest, environments, { size: bytes.length + 100 })
    return environments
  }
}

/** Never fails: what is missing, or of another kind than it should be, says nothing. */
export function readToxResult(text: string): ToxEnvironment[] {
  const result = parseObject(text)
  const host = nameOf(result['host'])
  const platform = nameOf(result['platform'])
  return Object.entries(objectOf(result['testenvs']))
    .map(([name, value]) => readEnvironment(nameOf(name), objectOf(value), { host, platform }))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
}

type Json = Readonly<Record<string, unknown>>

function readEnvironment(
  name: string,
  environment: Json,
  where: { readonly host: string; readonly platform: string },
): ToxEnvironment {
  const setup = commandsOf(environment['setup'])
  const test = commandsOf(environment['test'])
  const hasFailed = [...setup, ...test].some(({ hasPassed }) => !hasPassed)
  const python = nameOf(textOf(objectOf(environment['python'])['version']).split('\n', 1)[0])
  const state = hasFailed ? 'failed' : test.length > 0 ? 'passed' : 'unknown'
  return { name, ...where, python, setup, test, state }
}

function commandsOf(value: unknown): ToxCommand[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : []
  return list.map((one) => {
    const { command, output, retcode } = objectOf(one)
    return {
      command: Array.isArray(command) ? command.map(String).join(' ') : textOf(command),
      output: textOf(output),
      hasPassed: Number(retcode) === 0,
    }
  })
}

const objectOf = (value: unknown): Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {}

const textOf = (value: unknown): string =>
  typeof value === 'string' ? value : typeof value === 'number' ? String(value) : ''

/** Names of hosts and environments stand in many places: long ones would make a page much larger than the result. */
const LONGEST_NAME = 200
const nameOf = (value: unknown): string => textOf(value).slice(0, LONGEST_NAME).toWellFormed()

function parseObject(text: string): Json {
  try {
    return objectOf(JSON.parse(text))
  } catch {
    return {} // whoever sent it meant something else
  }
}
