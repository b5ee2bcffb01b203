/** pip's built-in index, asked of the pip that is installed. */
import { spawn } from 'node:child_process'
import { parse } from 'node:path'

type Environment = Readonly<Record<string, string | undefined>>

const script = `
try:
    from pip._internal.models.index import PyPI
except ImportError:
    from pip.models import PyPI
print(PyPI.simple_url)
`

/** The module by any Python; else the help text of any pip, which has told its default in every version. */
const questions: readonly (readonly [command: string, ...args: string[]])[] = [
  ['python3', '-c', script],
  ['python', '-c', script],
  ['pip3', 'help', 'install', '--isolated'],
  ['pip', 'help', 'install', '--isolated'],
]

export interface AskedPip {
  readonly url: string
  /** The command that answered. */
  readonly command: string
}

/** Undefined where no pip answers in time. */
export async function askPip(env: Environment, timeoutMs: number): Promise<AskedPip | undefined> {
  const deadline = performance.now() + timeoutMs
  for (const [command, ...args] of questions) {
    const left = deadline - performance.now()
    if (left <= 0) return undefined
    const answer = await run(command, args, env, left)
    const [url] = /https?:\/\/[^\s)]+/.exec(defaultIn(answer)) ?? []
    if (url) return { url: url.replace(/\.$/, ''), command }
  }
  return undefined
}

/** Of a help text only what it says of the default: other addresses are examples. */
function defaultIn(answer: string): string {
  const flat = answer.replaceAll(/\s+/g, ' ').trim()
  if (!flat.includes('--index-url')) return flat
  return /--index-url <url>.*?\(default:? ([^)]*)\)/.exec(flat)?.[1] ?? ''
}

/** What it printed, or nothing if it could not be run, failed, or took too long. */
function run(
  command: string,
  args: readonly string[],
  env: Environment,
  timeoutMs: number,
): Promise<string> {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      // With -c, Python looks for modules in the working folder first: one called pip would be run.
      cwd: parse(process.execPath).root,
      env: { ...env, COLUMNS: '400', PYTHONDONTWRITEBYTECODE: '1' },
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    let output = ''
    // A child of the child may hold the pipe open, so its end is not waited for.
    const timer = setTimeout(() => finish(''), timeoutMs)
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text))
    child.on('error', () => finish(''))
    child.on('close', (code) => finish(code === 0 ? output : ''))

    function finish(result: string): void {
      clearTimeout(timer)
      child.kill('SIGKILL')
      child.stdout.destroy()
      child.unref()
      resolve(result)
    }
  })
}
