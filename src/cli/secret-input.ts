/** Passwords that people type or pipe. */
import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'
import { CommandFailed } from './failure.ts'
import type { World } from './world.ts'

/** How often somebody may mistype. */
const TRIES = 3

export interface NewPassword {
  readonly user: string
  readonly password: string
}

interface Whose {
  /** Undefined: who sits at the terminal is asked; without one it is root. */
  readonly user: string | undefined
  /** Throws where there is no such user, before anybody types a password. */
  readonly check: (user: string) => Promise<unknown>
}

/** From a terminal: asked for twice, without echo. From a pipe: its one line. */
export async function readNewPassword(world: World, { user, check }: Whose): Promise<NewPassword> {
  if (!world.stdin.isTTY) {
    const piped = user ?? 'root'
    await check(piped)
    return { user: piped, password: await readPiped(world) }
  }
  return withTerminal(world, async (ask) => {
    const asked = user ?? (await ask('User to set password for [root]: ', { isShown: true }))
    const name = asked.trim() || 'root'
    await check(name)
    return { user: name, password: await askTwice(ask, name) }
  })
}

async function askTwice(ask: Ask, user: string): Promise<string> {
  for (let tried = 0; tried < TRIES; tried++) {
    const again = tried > 0 ? 'The two differ. ' : ''
    const first = await ask(`${again}New password for ${user}: `)
    if (first === (await ask('Once more: '))) return first
  }
  throw new CommandFailed('The two passwords differ; nothing was changed.')
}

/** Returns the line that is typed; what is typed shows only if it may. */
type Ask = (question: string, options?: { readonly isShown: boolean }) => Promise<string>

async function withTerminal<T>(
  { stdin, stderr }: World,
  talk: (ask: Ask) => Promise<T>,
): Promise<T> {
  let isShown = false
  const output = new Writable({
    write(chunk: Buffer, _encoding, done) {
      if (isShown) stderr.write(chunk.toString())
      done()
    },
  })
  const reader = createInterface({ input: stdin, output, terminal: true })
  reader.on('SIGINT', () => reader.close())
  reader.on('line', () => (isShown = false)) // what is typed ahead of the next question may be secret
  const lines = reader[Symbol.asyncIterator]()
  try {
    return await talk(async (question, options) => {
      stderr.write(question)
      isShown = options?.isShown ?? false
      const line = await lines.next()
      if (!options?.isShown) stderr.write('\n')
      if (line.done) throw new CommandFailed('No password was given; nothing was changed.')
      return line.value
    })
  } finally {
    reader.close()
  }
}

const longest = 64 * 1024

async function readPiped({ stdin }: World): Promise<string> {
  let text = ''
  stdin.setEncoding('utf8')
  for await (const chunk of stdin) {
    text += chunk as string
    if (text.length > longest) break
  }
  const line = text.replace(/\r?\n$/, '')
  if (/[\r\n\0]/.test(line) || line.length > longest) {
    throw new CommandFailed('Standard input has more than one line; a password has one.')
  }
  return line
}
