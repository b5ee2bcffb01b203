/** An index of HTML without anything but links, as files of a web server, and what nginx says that it sent of them. */
import { readFileSync } from 'node:fs'
import { startNginxFiles, type FileServer, type FolderFiles } from './file-servers.ts'

export interface PlainFile {
  readonly filename: string
  readonly bytes: Uint8Array
}

/** `simple/NAME/` and `files/`. */
export function plainIndex(files: readonly PlainFile[]): FolderFiles {
  const projects = Map.groupBy(files, ({ filename }) => projectOf(filename))
  const names = [...projects.keys()].map((name) => `<a href="${name}/">${name}</a><br>`)
  const pages = [...projects].map(([name, own]) => {
    const links = own.map(({ filename }) => `<a href="/files/${filename}">${filename}</a><br>`)
    return [`simple/${name}/index.html`, links.join('\n')] as const
  })
  return {
    'simple/index.html': names.join('\n'),
    ...Object.fromEntries(pages),
    ...Object.fromEntries(files.map(({ filename, bytes }) => [`files/${filename}`, bytes])),
  }
}

export const projectOf = (filename: string): string =>
  (filename.split('-')[0] ?? '').replaceAll(/[-_.]+/g, '-').toLowerCase()

export interface CountingServer extends FileServer {
  /** What it was asked for, in order. */
  requests(): readonly ServedRequest[]
}

export interface ServedRequest {
  readonly path: string
  readonly status: number
  /** Bytes of the body. */
  readonly bytes: number
}

const LINE = /"GET (\S+) HTTP[^"]*" (\d+) (\d+)/g

export const startCountingNginx = (files: readonly PlainFile[]): Promise<CountingServer> =>
  countRequests(plainIndex(files))

/** nginx over a folder. `lines`: further ones for its `server { }`. */
export async function countRequests(files: FolderFiles, lines = ''): Promise<CountingServer> {
  const server = await startNginxFiles(files, {
    lines: (folder) => `access_log ${folder.join('access.log')};\n${lines}`,
  })
  return {
    ...server,
    requests: () =>
      [...readFileSync(server.folder.join('access.log'), 'utf8').matchAll(LINE)].map(
        ([, path = '', status, bytes]) => ({ path, status: Number(status), bytes: Number(bytes) }),
      ),
  }
}
