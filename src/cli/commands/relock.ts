/** `wheelyard relock`: a lock file's addresses lead to another index, and nothing else of it changes. */
import { readFile } from 'node:fs/promises'
import { basename, resolve } from 'node:path'
import { UsedWrongly } from '#base/used-wrongly'
import { whyUnreadable, whyUnwritable } from '#base/why-not'
import { openClient, type Client } from '#client/client'
import { parseIndexAddress, type IndexAddress } from '#client/index-address'
import { withNetrc } from '#client/netrc'
import { listOffers, listUpstreamOffers } from '#client/offers'
import { relockText, type RelockOptions } from '#client/relock'
import { replaceFile } from '#client/replace-file'
import { readLockFile, UnreadableLock, type LockFile } from '#python/lock-file'
import { UnreadablePage } from '#python/simple-page'
import { defineCommand, flagValue, hasFlag, type Given } from '../command.ts'
import { CommandFailed } from '../failure.ts'
import { printJson } from '../output.ts'
import type { World } from '../world.ts'
import { jsonOption, readIndexArgument, serverOption } from './server.ts'

/** A simple index at its list, and the server with the login to ask it with. */
interface SimpleIndex {
  readonly server: URL
  /** Without credentials, with a slash at its end. */
  readonly url: string
}

interface Prepared {
  readonly path: string
  readonly to: SimpleIndex | 'upstream'
  readonly from: SimpleIndex | undefined
}

const MOST_PROBLEMS = 20

export const relock = defineCommand<Prepared>({
  name: 'relock',
  summary: 'Let the addresses in a lock file lead to another index; hashes and all else stay.',
  about:
    'Reads uv.lock, pylock.toml, and requirements files with pins and hashes. A file that the other index does not ' +
    'have, by its hash, is an error, and then nothing is written.',
  args: [{ name: 'FILE', doc: 'the lock file' }],
  options: [
    {
      name: 'to',
      placeholder: 'INDEX',
      doc: '`upstream` of the mirrors it was locked from; or user/index, the whole address of one, or of any index that ends in /simple/.',
      group: 'Options',
    },
    {
      name: 'from',
      placeholder: 'INDEX',
      doc: 'Only what was locked from this index; needed where FILE names none.',
      group: 'Options',
    },
    serverOption,
    { name: 'output', placeholder: 'FILE', doc: 'Write there instead.', group: 'Options' },
    {
      name: 'check',
      doc: 'Write nothing; the exit code is 1 if FILE leads elsewhere.',
      group: 'Options',
    },
    jsonOption,
  ],
  examples: [
    'wheelyard relock uv.lock --to upstream',
    'wheelyard relock requirements.txt --to https://packages.example.org/ada/dev',
  ],

  async prepare(given) {
    const to = flagValue(given, 'to')
    const from = flagValue(given, 'from')
    const target = to === undefined || to === 'upstream' ? to : readIndex(to, given)
    const source = from === undefined ? undefined : readIndex(from, given)
    const mistakes = [
      ...(to === undefined ? ['--to is missing: say upstream, or an index'] : []),
      ...[target, source].filter((one) => typeof one === 'string' && one !== 'upstream'),
    ] as string[]
    if (mistakes.length > 0) throw new UsedWrongly(mistakes)
    return {
      path: resolve(given.world.cwd, given.args[0] ?? ''),
      to: target as Prepared['to'],
      from: source as SimpleIndex | undefined,
    }
  },

  async run({ path, to, from }, given) {
    const { world } = given
    const text = decode(await readBytes(path), path)
    const lock = read(path, text)
    await using clients = new Clients(given)
    const target = to === 'upstream' ? {} : { index: to.url }
    const options = { offers: clients.offersOf(to), from: from?.url, ...target }
    const found = await relockText(text, lock, options).catch((error: unknown) => {
      if (!(error instanceof UnreadablePage)) throw error
      throw new CommandFailed(`a page of ${nameOf(to)} is none of a simple index: ${error.reason}`)
    })
    if (found.problems.length > 0) {
      const isAllAbsent = found.problems.every((one) => one.endsWith(' is not there'))
      if (to !== 'upstream' && isAllAbsent) await clients.assertIndex(to)
      throw new CommandFailed(listProblems(path, nameOf(to), found.problems))
    }
    const isCheck = hasFlag(given, 'check')
    const output = resolve(world.cwd, flagValue(given, 'output') ?? path)
    const isWritten = !isCheck && (found.changed > 0 || output !== path)
    if (isWritten) await write(output, found.text)
    const { packages, files, changed, notes } = found
    const left = [
      ...notes,
      ...lock.includes.map((one) => `${one} is a file of its own: relock it too`),
    ]
    for (const note of left) world.stderr.write(`Note: ${note}\n`)
    const written = isWritten ? output : null
    if (hasFlag(given, 'json')) {
      printJson(world, {
        kind: lock.kind,
        to: nameOf(to),
        packages,
        files,
        changed,
        written,
        notes: left,
      })
    } else
      printResult(
        world,
        `${basename(path)}: ${files} files of ${packages} packages`,
        found,
        isCheck,
      )
    return isCheck && changed > 0 ? 1 : 0
  },
})

function printResult(
  world: World,
  what: string,
  { changed }: { changed: number },
  isCheck: boolean,
) {
  const done = isCheck ? 'addresses would change' : 'addresses changed'
  world.stdout.write(
    `${what}, ${changed === 0 ? 'all lead there already' : `${changed} ${done}`}\n`,
  )
}

/** Any simple index by its whole address, if that ends as one of those does; else one of a Wheelyard. */
function readIndex(text: string, given: Given): SimpleIndex | string {
  const whole = /^https?:\/\/[^?#]*\/simple\/?$/i.test(text) ? URL.parse(text) : null
  if (whole) {
    if (!whole.pathname.endsWith('/')) whole.pathname += '/'
    return { server: whole, url: withoutLogin(whole) }
  }
  const address = readIndexArgument(text, given)
  return typeof address === 'string' ? address : simpleOf(address)
}

function simpleOf({ server, index }: IndexAddress): SimpleIndex {
  return { server, url: withoutLogin(new URL(`${index}/+simple/`, server)) }
}

function withoutLogin(address: URL): string {
  const clean = new URL(address)
  clean.username = ''
  clean.password = ''
  return clean.href
}

/** One for each server. */
class Clients implements AsyncDisposable {
  readonly #given: Given
  readonly #open = new Map<string, Promise<Client>>()

  constructor(given: Given) {
    this.#given = given
  }

  offersOf(to: Prepared['to']): RelockOptions['offers'] {
    if (to !== 'upstream') {
      return async (project) => listOffers(await this.#for(to.server), to.url, project)
    }
    return async (project, from) => {
      if (from === undefined) {
        throw new CommandFailed(`it does not say from which index ${project} was locked`, [
          'name it: --from user/index',
        ])
      }
      const address = parseIndexAddress(from)
      if (typeof address === 'string') throw new CommandFailed(address)
      return listUpstreamOffers(await this.#for(address.server), address.index, project)
    }
  }

  /** Where nothing is found, there may be no index at all. */
  async assertIndex({ server, url }: SimpleIndex): Promise<void> {
    const list = await (await this.#for(server)).getPage(url)
    if (!list) throw new CommandFailed(`${url} is no index: the server answers 404 to it`)
  }

  /** Lock files hold no logins: they come from --server, or from .netrc. */
  #for(server: URL): Promise<Client> {
    const { world } = this.#given
    const said = flagValue(this.#given, 'server') ?? world.env['WHEELYARD_SERVER'] ?? ''
    const known = URL.parse(said)
    const address = new URL(server)
    if (address.username === '' && known?.origin === address.origin) {
      address.username = known.username
      address.password = known.password
    }
    const opened =
      this.#open.get(address.href) ?? withNetrc(address, world.env).then((one) => openClient(one))
    this.#open.set(address.href, opened)
    return opened
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.#open.values()) await (await client)[Symbol.asyncDispose]()
  }
}

async function readBytes(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path)
  } catch (error) {
    throw new CommandFailed(`${path} cannot be read: ${whyUnreadable(error)}`)
  }
}

async function write(path: string, text: string): Promise<void> {
  try {
    await replaceFile(path, text)
  } catch (error) {
    throw new CommandFailed(`${path} cannot be written: ${whyUnwritable(error)}`)
  }
}

/** Every byte counts: what is not UTF-8 could not be written back. */
function decode(bytes: Uint8Array, path: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    throw new CommandFailed(`${path} is not UTF-8`)
  }
}

function read(path: string, text: string): LockFile {
  try {
    return readLockFile(basename(path), text)
  } catch (error) {
    if (!(error instanceof UnreadableLock)) throw error
    throw new CommandFailed(`${path}, ${error.message}`)
  }
}

const nameOf = (to: Prepared['to']): string => (to === 'upstream' ? to : to.url)

function listProblems(path: string, to: string, problems: readonly string[]): string {
  const more = problems.length - MOST_PROBLEMS
  return [
    `${path} cannot lead to ${to}; nothing was written`,
    ...problems.slice(0, MOST_PROBLEMS),
    ...(more > 0 ? [`… and ${more} more`] : []),
  ].join('\n  ')
}
