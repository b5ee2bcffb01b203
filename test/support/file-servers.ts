/** Web servers over a folder of distributions, as upstreams that know nothing of packages: nginx and Python's own. */
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { cleanEnvironment } from './client.ts'
import { findNginx } from './nginx-program.ts'
import { findFreePort } from './ports.ts'
import { startProcess, type RunningProcess } from './process.ts'
import { pythonEnvironment } from './python-env.ts'
import { makeTempFolder, type TempFolder } from './temp.ts'

/** What lies in the folder, by path. */
export type FolderFiles = Readonly<Record<string, string | Uint8Array>>

export interface FileServer extends AsyncDisposable {
  readonly folder: TempFolder
  url(path?: string): string
}

/** `python3 -m http.server`: listings, no ranges. */
export async function startPythonServer(files: FolderFiles): Promise<FileServer> {
  const environment = await pythonEnvironment('servers')
  const folder = await fill(files)
  const port = await findFreePort()
  const args = ['-u', '-m', 'http.server', '--bind', '127.0.0.1', `${port}`]
  const env = cleanEnvironment(environment, folder.path)
  const child = startProcess(environment.python, args, { env, cwd: folder.join('files') })
  await child.until(() => /Serving HTTP on/.exec(child.stdout + child.stderr)?.[0])
  return serverOf(folder, child, `http://127.0.0.1:${port}`)
}

export interface NginxFilesOptions {
  /** Further lines for its `server { }`, which may name files of the folder by `$root`. */
  readonly lines?: (folder: TempFolder) => string
  readonly isSecure?: boolean
}

/** nginx with `autoindex on`. */
export async function startNginxFiles(
  files: FolderFiles,
  { lines = () => '', isSecure = false }: NginxFilesOptions = {},
): Promise<FileServer> {
  const nginx = await findNginx()
  const folder = await fill(files)
  const port = await findFreePort()
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
  const config = `
${process.getuid?.() === 0 ? 'user root;' : ''}
daemon off;
worker_processes 1;
pid ${folder.join('pid')};
error_log stderr notice;
events { }
http {
  access_log off;
  types { text/html html; }
  default_type application/octet-stream;
  ${temporary.map((use) => `${use}_temp_path ${folder.join(use)};`).join('\n  ')}
  server {
    listen 127.0.0.1:${port}${isSecure ? ' ssl' : ''};
    root ${folder.join('files')};
    autoindex on;
    ${lines(folder)}
  }
}
`
  await folder.write('nginx.conf', config)
  const args = ['-c', folder.join('nginx.conf'), '-e', 'stderr']
  const env = { PATH: '/usr/bin:/bin' }
  const child = startProcess(nginx, args, { env, cwd: folder.path })
  await child.until(() => /start worker process \d+/.exec(child.stderr)?.[0])
  return serverOf(folder, child, `http${isSecure ? 's' : ''}://127.0.0.1:${port}`)
}

async function fill(files: FolderFiles): Promise<TempFolder> {
  const folder = await makeTempFolder('file-server')
  await mkdir(folder.join('files'))
  for (const [path, content] of Object.entries(files)) {
    const target = folder.join('files', path)
    await mkdir(dirname(target), { recursive: true })
    await writeFile(target, content)
  }
  return folder
}

function serverOf(folder: TempFolder, child: RunningProcess, root: string): FileServer {
  return {
    folder,
    url: (path = '') => `${root}/${path.replace(/^\//, '')}`,
    async [Symbol.asyncDispose]() {
      await child.stop()
      await folder.remove()
    },
  }
}
