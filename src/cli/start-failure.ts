/** Why a server could not start, from what the operating system says, with what would help. */
import { constants } from 'node:fs'
import { access } from 'node:fs/promises'
import { hostInUrl } from '#base/listen-place'
import { makeFolder } from '#base/make-folder'
import { StartRefused } from '#base/start-refused'
import { isSystemError } from './failure.ts'

interface Place {
  readonly dir: string
  readonly host: string
  readonly port: number
}

/** Makes the data folder if need be. */
export async function assertWritable(dir: string): Promise<void> {
  try {
    await makeFolder(dir, 0o750)
    await access(dir, constants.W_OK | constants.X_OK)
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException
    const reason = folderReasons[code] ?? message
    const tries = ['wheelyard serve --dir DIR, with a folder that you may write to']
    throw new StartRefused(`The data folder ${dir} cannot be written: ${reason}.`, tries, {
      cause: error,
    })
  }
}

const folderReasons: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the file system is read-only',
  ENOTDIR: 'a part of its path is no folder',
  EEXIST: 'it is no folder',
  ENOENT: 'it cannot be made there',
  ENOSPC: 'no room is left',
  EDQUOT: 'no room is left',
}

/** The error as a refusal that helps, where we know how to; else as it came. */
export function explainStart(error: unknown, place: Place): unknown {
  if (!isSystemError(error) || !isAboutAddress(error)) return error
  const { port = place.port } = error as { port?: number }
  const host = hostOf(error) ?? place.host
  if (host.startsWith('/')) return explainSocketFile(error, host)
  const address = `${hostInUrl(host)}:${port}`
  const refused = (message: string, ...tries: string[]) =>
    new StartRefused(message, tries, { cause: error })

  switch (error.code) {
    case 'EADDRINUSE':
      return refused(
        `${address} is in use by another program, perhaps by another Wheelyard.`,
        `wheelyard serve --port ${port < 65535 ? port + 1 : port - 1}, or --port 0 for any free one`,
      )
    case 'EACCES':
    case 'EPERM':
      return refused(
        `This user may not listen on ${address}.`,
        'wheelyard serve --port 3141, or another port above 1023',
      )
    case 'EADDRNOTAVAIL':
      return refused(
        `This machine has no network interface with the address ${host}.`,
        'wheelyard serve --host 127.0.0.1, or 0.0.0.0 for all interfaces',
      )
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return refused(
        `The host name ${host} has no address.`,
        'wheelyard serve --host 127.0.0.1, or 0.0.0.0 for all interfaces',
      )
    default:
      return error
  }
}

function explainSocketFile(error: NodeJS.ErrnoException, path: string): unknown {
  const reason =
    error.code === 'EADDRINUSE'
      ? 'is in use by another program, or is a file of another kind'
      : 'cannot be made: its folder is not there, or may not be written to'
  const tries = ['wheelyard serve --unix-socket PATH, in a folder that you may write to']
  return new StartRefused(`The socket ${path} ${reason}.`, tries, { cause: error })
}

/** Where the error names the place: a server may listen in several. */
function hostOf(error: NodeJS.ErrnoException): string | undefined {
  const { address, hostname } = error as { address?: string; hostname?: string }
  return address ?? hostname
}

function isAboutAddress({ syscall = '' }: NodeJS.ErrnoException): boolean {
  return ['listen', 'bind', 'getaddrinfo'].includes(syscall)
}
