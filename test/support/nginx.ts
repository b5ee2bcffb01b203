/** A real nginx in front of a server, with the files that `wheelyard admin gen-config` writes. */
import { readFile } from 'node:fs/promises'
import { runCommand } from './command.ts'
import { findNginx } from './web-servers.ts'
import { findFreePort } from './ports.ts'
import { runProcess, startProcess } from './process.ts'
import { makeTempFolder } from './temp.ts'

export interface NginxOptions {
  /** The address of the server behind it. */
  readonly upstream: string
  /** The generated variant that keeps pages. */
  readonly isCaching?: boolean
  /** Where clients find the server below the proxy's own address; undefined for "as each request says". */
  readonly path?: string | undefined
  /** The data folder that nginx sends files from. */
  readonly sendsFrom?: string | undefined
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
  const { upstream, isCaching = false, edit = (config) => config } = options
  const below = options.path ?? ''
  const nginx = await findNginx()
  const folder = await makeTempFolder('nginx')
  const port = await findFreePort()
  const outside = `http://127.0.0.1:${port}`
  const generated = await generateSite({
    path: 'path' in options ? options.path : '',
    isCaching,
    sendsFrom: options.sendsFrom,
  })
  const site = generated
    .replaceAll(TEMPLATE.upstream, new URL(upstream).port)
    .replaceAll(TEMPLATE.outside, `${port}`)
    .replace('listen 80;', `listen 127.0.0.1:${port};`)
    .replace('/var/cache/nginx-wheelyard', folder.join('cache'))
  await folder.write('site.conf', edit(site))
  const config = await folder.write('nginx.conf', nginxConfig(folder.path))
  const child = startProcess(nginx, ['-c', config, '-e', 'stderr'], {
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
  const { code, output } = await runProcess(
    await findNginx(),
    ['-t', '-c', config, '-e', 'stderr'],
    options,
  )
  return code === 0 ? '' : output
}

/** Stand for the ports in a file that is generated once for all. */
const TEMPLATE = { upstream: '61001', outside: '61002' }
const sites = new Map<string, Promise<string>>()

/** What `wheelyard admin gen-config` writes, with the ports of the template. */
function generateSite({
  path,
  isCaching,
  sendsFrom,
}: Required<Pick<NginxOptions, 'isCaching' | 'path' | 'sendsFrom'>>): Promise<string> {
  const outside = `http://127.0.0.1:${TEMPLATE.outside}${path}`
  const sends = ['--send-file', 'x-accel-redirect', '--dir', sendsFrom ?? '']
  const flags = [
    ...(path === undefined ? [] : ['--outside-url', outside]),
    ...(sendsFrom === undefined ? [] : sends),
  ]
  const name = isCaching ? 'nginx-devpi-caching.conf' : 'nginx-devpi.conf'
  const key = [name, ...flags].join(' ')
  const known = sites.get(key) ?? generateFile(name, ['--port', TEMPLATE.upstream, ...flags])
  sites.set(key, known)
  return known
}

async function generateFile(name: string, flags: readonly string[]): Promise<string> {
  await using folder = await makeTempFolder('nginx')
  const made = await runCommand(['admin', 'gen-config', ...flags], { cwd: folder.path })
  if (made.code !== 0) throw new Error(made.output)
  return await readFile(folder.join('gen-config', name), 'utf8')
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
