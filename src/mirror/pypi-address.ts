/** Where PyPI is for this machine: as told, as pip and uv are set up, or as pip has it built in. */
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { askPip } from './ask-pip.ts'
import { listPipSettings } from './pip-config.ts'

export interface PypiQuestion {
  /** The setting pypi-url, from wherever it came. */
  readonly option?: string | undefined
  readonly env: Readonly<Record<string, string | undefined>>
  readonly home?: string | undefined
  /** Where relative paths in the environment begin. */
  readonly cwd?: string
  readonly platform: NodeJS.Platform
  /** Where the whole machine is set up; `/etc`. */
  readonly etc?: string
  /** Our own origins, such as `http://127.0.0.1:3141`: a machine whose pip uses us must not make us ask ourselves. */
  readonly ownOrigins?: readonly string[]
  /** For asking pip, in all. */
  readonly timeoutMs?: number
  /** Called when no setting tells the address; pip, which starts Python, is asked when it resolves. */
  readonly beforePip?: () => Promise<void>
}

export type PypiAddress =
  | {
      /** As it was found; may embed credentials. */
      readonly url: string
      /** Who says so, without the credentials. */
      readonly from: string
    }
  | {
      /** What was looked at, and why it did not help: a sentence. */
      readonly missing: string
    }

/** What configuration is read from. */
export interface Machine extends Pick<PypiQuestion, 'env' | 'home' | 'platform'> {
  readonly etc: string
  /** Undefined where it is not there or may not be read. */
  readonly readText: (path: string) => Promise<string | undefined>
}

/** An address as somebody wrote it, and where. */
export interface Setting {
  readonly text: string
  readonly from: string
}

export async function findPypiAddress(question: PypiQuestion): Promise<PypiAddress> {
  const { env, ownOrigins = [], timeoutMs = 10_000 } = question
  const notes: string[] = []
  for await (const { text, from } of listSettings(question)) {
    const problem = findProblem(text, ownOrigins)
    if (!problem) return { url: text.trim(), from }
    notes.push(`${from} ${problem}`)
  }

  await question.beforePip?.()
  const asked = await askPip(env, timeoutMs)
  if (asked) return { url: asked.url, from: `pip's built-in default (${asked.command})` }
  return { missing: tellMissing(notes) }
}

async function* listSettings(question: PypiQuestion): AsyncIterable<Setting> {
  const { option, env, home, platform, cwd = '', etc = '/etc' } = question
  if (option) yield { text: option, from: 'the setting pypi-url' }
  const read = (path: string) => readText(resolve(cwd, path))
  const machine: Machine = { env, home, platform, etc, readText: read }
  yield* listPipSettings(machine)
  const { listUvSettings } = await import('./uv-config.ts')
  yield* listUvSettings(machine)
}

async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch {
    // Nobody has to have these files, and one of another user may be closed to us.
    return undefined
  }
}

function findProblem(text: string, ownOrigins: readonly string[]): string | undefined {
  const url = URL.parse(text.trim())
  if (!url) return 'is no address'
  if (!['http:', 'https:'].includes(url.protocol)) return `names no web address but ${url.protocol}`
  return ownOrigins.includes(url.origin) ? 'names this server itself' : undefined
}

function tellMissing(notes: readonly string[]): string {
  const passedOver = notes.length > 0 ? ` (${notes.join('; ')})` : ''
  return (
    'No address of PyPI was found: neither the setting pypi-url nor the configuration of pip or uv ' +
    `names one${passedOver}, and no pip that could be asked for its own answered ` +
    '(tried python3, python, pip3 and pip).'
  )
}
