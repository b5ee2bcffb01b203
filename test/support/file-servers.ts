/** Web servers over a folder of distributions, as upstreams that know nothing of packages: nginx, Apache and Python's own. */
import { once } from 'node:events'
import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { dirname } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { cleanEnvironment } from './client.ts'
import { findApache, findNginx } from './web-servers.ts'
import { findFreePort } from './ports.ts'
import { startProcess, type RunningProcess } from './process.ts'
import { pythonEnvironment } from './python-env.ts'
import { makeTempFolder, type TempFolder } from './temp.ts'

/** What lies in the folder, by path. */
export type FolderFiles = Readonly<Record<string, string | Uint8Array>>

export interface FileServer extends AsyncDisposable {
  readonly pid: number
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

/** Apache's listings: what its own configuration makes of them by default, or a table with icons and columns to sort by. */
export type ApacheListing = 'plain' | 'fancy' | 'table'

const indexOptions: Readonly<Record<ApacheListing, string>> = {
  plain: '-FancyIndexing',
  fancy: 'FancyIndexing',
  table: 'FancyIndexing HTMLTable VersionSort NameWidth=* DescriptionWidth=* Charset=UTF-8',
}

export async function startApacheFiles(
  files: FolderFiles,
  listing: ApacheListing = 'plain',
): Promise<FileServer> {
  const apache = await findApache()
  const folder = await fill(files)
  const port = await findFreePort()
  const modules = ['mpm_event', 'authz_core', 'autoindex', 'dir', 'mime', 'alias']
  const config = `
ServerRoot ${folder.path}
ServerName 127.0.0.1
Listen 127.0.0.1:${port}
PidFile ${folder.join('pid')}
ErrorLog ${folder.join('error.log')}
${modules.map((name) => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so`).join('\n')}
${process.getuid?.() === 0 ? 'User nobody\nGroup nogroup' : ''}
TypesConfig /dev/null
DocumentRoot ${folder.join('files')}
<Directory ${folder.join('files')}>
  Options +Indexes
  Require all granted
  IndexOptions ${indexOptions[listing]}
</Directory>
`
  await folder.write('apache.conf', config)
  await chmod(folder.path, 0o755)
  const args = ['-X', '-f', folder.join('apache.conf')]
  const child = startProcess(apache, args, { env: { PATH: '/usr/bin:/bin' }, cwd: folder.path })
  await untilListening(port, child)
  return serverOf(folder, child, `http://127.0.0.1:${port}`)
}

/** Apache says nothing that would tell it. */
async function untilListening(port: number, child: RunningProcess): Promise<void> {
  const givesUp = AbortSignal.timeout(30_000)
  for (;;) {
    const socket = connect(port, '127.0.0.1')
    const isOpen = await once(socket, 'connect').then(
      () => true,
      () => false,
    )
    socket.destroy()
    if (isOpen) return
    if (child.hasExited || givesUp.aborted) {
      throw new Error(`Apache does not listen:\n${child.stdout}${child.stderr}`)
    }
    await wait(50)
  }
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
    pid: child.pid,
    folder,
    url: (path = '') => `${root}/${path.replace(/^\//, '')}`,
    async [Symbol.asyncDispose]() {
      await child.stop()
      await folder.remove()
    },
  }
}
