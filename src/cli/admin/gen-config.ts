/** `wheelyard admin gen-config`: files for what starts a server and what stands in front of it, as devpi-gen-config. */
import { mkdir, writeFile } from 'node:fs/promises'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { printPlace } from '#base/listen-place'
import { UsedWrongly } from '#base/used-wrongly'
import type { Config, LoadedConfig } from '#config'
import { listenPlaces } from '#config-places'
import { flagOf, namesOf, settings, type Setting } from '#config-settings'
import { secretText } from '#config-secret'
import { resolvePath } from '#config-types'
import { defineCommand, type Given } from '../command.ts'
import { nginxFiles } from './service-files/nginx.ts'
import { serviceManagerFiles } from './service-files/service-managers.ts'
import type { Service } from './service-files/service.ts'
import { devpiOnlyOptions, readSettings, settingOptions } from './settings.ts'

const FOLDER = 'gen-config'

export const genConfig = defineCommand({
  name: 'admin gen-config',
  summary: 'Write files for nginx, systemd, launchd, cron, supervisord and Windows.',
  about:
    `They go into the folder ${FOLDER}, under the names that devpi-gen-config uses, and start ` +
    '`wheelyard serve` with the options given here. Files that are there are replaced.',
  options: [...settingOptions(), ...devpiOnlyOptions()],
  examples: [
    'wheelyard admin gen-config --config /etc/wheelyard.toml',
    'wheelyard admin gen-config --dir /srv/wheelyard --outside-url https://packages.example.org',
  ],
  async prepare(given) {
    const loaded = await readSettings(given)
    if (listenPlaces(loaded.config).some((place) => 'port' in place && place.port === 0)) {
      throw new UsedWrongly([
        '--port: 0 picks another port at each start; a proxy needs a fixed one',
      ])
    }
    const { sendFile, dir } = loaded.config
    if (sendFile === 'x-accel-redirect' && dir.includes('$')) {
      throw new UsedWrongly([`--dir: nginx can name no folder with a $ in it: ${dir}`])
    }
    return loaded
  },
  async run(loaded, given) {
    const { cwd, stdout, stderr } = given.world
    const service = describeService(loaded, given)
    const files = { ...serviceManagerFiles(service), ...nginxFiles(service) }
    await mkdir(join(cwd, FOLDER), { recursive: true })
    for (const [name, text] of Object.entries(files)) {
      await writeFile(join(cwd, FOLDER, name), text)
      stdout.write(`wrote ${join(FOLDER, name)}\n`)
    }
    for (const note of notes(loaded, given)) stderr.write(`Note: ${note}\n`)
    return 0
  },
})

function describeService(loaded: LoadedConfig, given: Given): Service {
  const { dir, outsideUrl, docsUrl, sendFile, maxRequestBodySize } = loaded.config
  const { mirrorCacheExpiry, drainTimeout } = loaded.config
  return {
    command: [...given.world.program, 'serve', ...repeatFlags(given), ...nameFolder(loaded)],
    user: userInfo().username,
    address: localAddress(loaded.config),
    outsideUrl: outsideUrl === undefined ? undefined : new URL(outsideUrl),
    docsUrl: docsUrl === undefined ? undefined : new URL(docsUrl),
    maxBodySize: maxRequestBodySize,
    blobFolder: sendFile === 'x-accel-redirect' ? join(dir, 'blobs', 'sha256') : undefined,
    mirrorCacheExpiry,
    drainTimeout,
  }
}

/** The options as they were given, with whole paths: a service has no working folder of its own. */
function repeatFlags({ flags, world: { cwd } }: Given): string[] {
  return flags.flatMap(({ name, value }) => {
    const setting = findSetting(name)
    if (value === undefined) return [flagOf(name)]
    if (setting?.type === secretText) return []
    const { placeholder = '' } = setting?.type ?? {}
    const isFolder = placeholder === 'THEME' && /[/.~]/.test(value)
    const isPath = isFolder || ['DIR', 'FILE'].includes(placeholder)
    return [flagOf(name), isPath ? resolvePath(value, cwd) : value]
  })
}

const findSetting = (name: string): Setting | undefined =>
  (settings as readonly Setting[]).find((row) => namesOf(row).includes(name))

/** The data folder, unless an option or our own file says which. One in devpi's file begins in the working folder. */
function nameFolder({ config, settings: effective }: LoadedConfig): string[] {
  const { from } = effective.find(({ name }) => name === 'dir')!
  return from === 'the command line' || from === config.config ? [] : ['--dir', config.dir]
}

const isFromEnvironment = (from: string): boolean => from.startsWith('the environment')

/** Where a proxy on this machine finds the server. */
function localAddress(config: Config): string {
  const places = listenPlaces(config)
  const place = places.find((one) => 'path' in one) ?? places[0]!
  if ('path' in place) return printPlace(place)
  const host = { '*': '127.0.0.1', '0.0.0.0': '127.0.0.1', '::': '::1' }[place.host] ?? place.host
  return printPlace({ ...place, host })
}

function notes({ settings: effective, notes: told }: LoadedConfig, { flags }: Given): string[] {
  const unseen = effective.filter(({ name, from }) => name !== 'dir' && isFromEnvironment(from))
  const secret = flags.filter(({ name }) => findSetting(name)?.type === secretText)
  return [
    ...told,
    ...unseen.map(({ name, from }) => {
      return `${flagOf(name)} comes from ${from}, which a service does not see.`
    }),
    ...secret.map(
      ({ name }) => `${flagOf(name)} is left out: others could read it in these files.`,
    ),
  ]
}
