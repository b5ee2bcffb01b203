/** A real nginx in front of a server, with the files that `wheelyard admin gen-config` writes. */
import { readFile } from 'node:fs/promises'
import { runCommand } from './command.ts'
import { findFreePort } from './ports.ts'
import { runProcess, startProcess } from './process.ts'
import { makeTempFolder } from './temp.ts'

const NGINX = '/usr/sbin/nginx'

export interface NginxOptions {
  /** The address of the server behind it. */
  readonly upstream: string
  /** The generated variant that keeps pages. */
  readonly isCaching?: boolean
  /** Where clients find the server below the proxy's own address. */
  readonly path?: string
  /** Changes the generated file, as an administrator does. */
  readonly edit?: (config: string) => string
}

export interface Nginx extends AsyncDisposable {
  readonly pid: number
  readonly log: string
  /** The address of a path, which is written with or without its first slash. */
  url(path?: string): string
}

export async function startNginx(options: NginxOptions): Promise<Nginx> {
  const { upstream, isCaching = false, path: below = '', edit = (config) => config } = options
  const folder = await makeTempFolder('nginx')
  const outside = `http://127.0.0.1:${await findFreePort()}`
  const flags = ['--port', new URL(upstream).port, '--outside-url', `${outside}${below}`]
  const made = await runCommand(['admin', 'gen-config', ...flags], { cwd: folder.path })
  if (made.code !== 0) throw new Error(made.output)

  const name = isCaching ? 'nginx-devpi-caching.conf' : 'nginx-devpi.conf'
  const generated = await readFile(folder.join('gen-config', name), 'utf8')
  await folder.write(
    'site.conf',
    edit(generated.replace('/var/cache/nginx-wheelyard', folder.join('cache'))),
  )
  const config = await folder.write('nginx.conf', nginxConfig(folder.path))
  const child = startProcess(NGINX, ['-c', config, '-e', 'stderr'], {
    env: { PATH: '/usr/bin:/bin' },
    cwd: folder.path,
  })
  await child.until(() => /start worker process \d+/.exec(child.stderr)?.[0])

  return {
    pid: child.pid,
    get log() {
      return child.stderr
    },
    url: (path = '') => `${outside}${below}/${path.replace(/^\//, '')}`,
    async [Symbol.asyncDispose]() {
      await child.stop()
      await folder.remove()
    },
  }
}

/** Whether nginx takes a file that is for the inside of its `http { }`; its own words if it does not. */
export async function checkNginx(site: string): Promise<string> {
  await using folder = await makeTempFolder('nginx')
  await folder.write('site.conf', site.replace('/var/cache/nginx-wheelyard', folder.join('cache')))
  const config = await folder.write('nginx.conf', nginxConfig(folder.path))
  const options = { env: { PATH: '/usr/bin:/bin' } }
  const { code, output } = await runProcess(NGINX, ['-t', '-c', config, '-e', 'stderr'], options)
  return code === 0 ? '' : output
}

const nginxConfig = (folder: string): string => `\
${process.getuid?.() === 0 ? 'user root;' : ''}
daemon off;
worker_processes 1;
pid ${folder}/pid;
error_log stderr notice;
events { }
http {
    access_log off;
${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((use) => `    ${use}_temp_path ${folder}/${use};\n`).join('')}\
    include ${folder}/site.conf;
}
`
