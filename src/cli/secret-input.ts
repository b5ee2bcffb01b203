/** Passwords that people type or pipe. */
import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'
import { CommandFailed } from './failure.ts'
import type { World } from './world.ts'

/** From a terminal: asked for twice, without echo. From a pipe: its one line. */
export function readNewPassword(world: World, user: string): Promise<string> {
  return world.stdin.isTTY ? askTwice(world, user) : readPiped(world)
}

async function askTwice({ stdin, stderr }: World, user: string): Promise<string> {
  const silence = new Writable({ write: (_chunk, _encoding, done) => done() })
  const reader = createInterface({ input: stdin, output: silence, terminal: true })
  reader.on('SIGINT', () => reader.close())
  const lines = reader[Symbol.asyncIterator]()
  try {
    const first = await ask(`New password for ${user}: `)
    const second = await ask('Once more: ')
    if (first !== second) throw new CommandFailed('The two passwords differ; nothing was changed.')
    return first
  } finally {
    reader.close()
  }

  async function ask(question: string): Promise<string> {
    stderr.write(question)
    const line = await lines.next()
    stderr.write('\n')
    if (line.done) throw new CommandFailed('No password was given; nothing was changed.')
    return line.value
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
