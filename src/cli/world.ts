/** What a command sees of the process that runs it. Tests hold their own. */
import type { Readable } from 'node:stream'

export interface World {
  /** What to type in front of the arguments to call this program from anywhere: Node and the script. */
  readonly program: readonly string[]
  /** Without Node and the script. */
  readonly argv: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  readonly stdin: Readable & Terminal
  /** Results. */
  readonly stdout: Output
  /** Everything else. */
  readonly stderr: Output
}

export interface Terminal {
  readonly isTTY?: boolean
}

export interface Output extends Terminal {
  readonly columns?: number
  write(text: string): unknown
}
