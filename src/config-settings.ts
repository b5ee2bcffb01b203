/** Every setting of the server, as one table. Flags, variables, help and reference come from it. */
import { logLevels } from '#base/log'
import {
  addressList,
  count,
  permissions,
  fileList,
  placeList,
  proxyAddress,
  proxyHeaderList,
  workerCount,
} from './config-places.ts'
import { authorities, certificateWithKey } from './config-pem.ts'
import { replicaFilter } from './config-replica.ts'
import { secretFile, secretText } from './config-secret.ts'
import { baseUrl, choice, file, folder, host, port, size, span, theme } from './config-types.ts'
import { hostNames, principals, toggle, url, wait, type SettingType } from './config-types.ts'

export interface Setting {
  /** As the flag has it behind its dashes, and the file as it is. */
  readonly name: string
  /** Other names it goes by: devpi's. */
  readonly aliases?: readonly string[]
  /** A letter that stands for it behind one dash. */
  readonly short?: string
  /** May be given several times: its type reads all values, in one text with spaces between them. */
  readonly isList?: boolean
  readonly group: SettingGroup
  readonly type: SettingType<unknown>
  /** As one would write it. Without one the setting may be undefined. */
  readonly default?: string
  /** One sentence. */
  readonly doc: string
}

export const settingGroups = [
  'Place',
  'Access',
  'Replication',
  'Mirrors',
  'Policies',
  'Pages',
  'Limits',
  'Running',
] as const
export type SettingGroup = (typeof settingGroups)[number]

export const settings = [
  {
    name: 'dir',
    aliases: ['serverdir'],
    group: 'Place',
    type: folder,
    default: 'wheelyard-data',
    doc: 'The folder with all data; the first start makes it.',
  },
  {
    name: 'host',
    group: 'Place',
    type: host,
    default: '127.0.0.1',
    doc: 'The address to listen on; 0.0.0.0 or :: for all, once root has a password.',
  },
  {
    name: 'port',
    group: 'Place',
    type: port,
    default: '3141',
    doc: 'The port to listen on; 0 picks a free one.',
  },
  {
    name: 'listen',
    isList: true,
    group: 'Place',
    type: addressList,
    doc: 'HOST:PORT to listen on, instead of --host and --port; *:PORT for all; may be given several times.',
  },
  {
    name: 'outside-url',
    group: 'Place',
    type: baseUrl,
    doc: 'The address clients use, where a proxy stands in front; otherwise taken from each request.',
  },
  {
    name: 'docs-url',
    group: 'Place',
    type: baseUrl,
    doc: 'An address with a host name of its own for uploaded documentation, apart from logins; --outside-url must be set as well.',
  },
  {
    name: 'absolute-urls',
    group: 'Place',
    type: toggle,
    default: 'no',
    doc: "Links on Simple pages begin with the server's address, instead of being relative.",
  },
  {
    name: 'unix-socket',
    group: 'Place',
    type: file,
    doc: 'A Unix socket to listen on; alone, unless --host or --port are set as well.',
  },
  {
    name: 'unix-socket-perms',
    group: 'Place',
    type: permissions,
    default: '600',
    doc: 'Who may connect to the Unix socket, as chmod takes it.',
  },
  {
    name: 'trusted-proxy',
    group: 'Place',
    type: proxyAddress,
    doc: 'The proxy whose word on scheme and host is believed: its IP address, localhost for a Unix socket, or *.',
  },
  {
    name: 'trusted-proxy-count',
    group: 'Place',
    type: count,
    default: '1',
    doc: 'How many trusted proxies stand in a row.',
  },
  {
    name: 'trusted-proxy-headers',
    group: 'Place',
    type: proxyHeaderList,
    default: 'x-forwarded-proto',
    doc: 'The headers of the trusted proxy that are believed, with spaces or commas between; or forwarded alone.',
  },
  {
    name: 'send-file',
    group: 'Place',
    type: choice('x-accel-redirect', 'x-sendfile'),
    doc: 'Have the web server in front send files from the disk, told in this header; it must ask so by X-Sendfile-Type, as the files of gen-config do.',
  },
  {
    name: 'config',
    group: 'Place',
    type: file,
    doc: 'A TOML file with settings, by the names of these options (port = 8080).',
  },
  {
    name: 'configfile',
    short: 'c',
    group: 'Place',
    type: file,
    doc: 'A YAML file with options of devpi-server; what --config names comes first.',
  },
  {
    name: 'root-password-file',
    group: 'Access',
    type: secretFile,
    doc: 'A file with the password that root gets at the start, as long as root has none.',
  },
  {
    name: 'root-password',
    aliases: ['root-passwd'],
    group: 'Access',
    type: secretText,
    doc: 'The password of root in a new data folder; others may see it on the command line.',
  },
  {
    name: 'root-password-hash',
    aliases: ['root-passwd-hash'],
    group: 'Access',
    type: secretText,
    doc: 'The argon2 hash of the password of root in a new data folder.',
  },
  {
    name: 'restrict-modify',
    group: 'Access',
    type: principals,
    doc: 'Who alone may create and change users and indexes: users and :groups, with commas between.',
  },
  {
    name: 'authcheck-login',
    group: 'Access',
    type: toggle,
    default: 'no',
    doc: 'To the proxy that asks +authcheck, allow only those who are logged in, and what one needs to log in.',
  },
  {
    name: 'push-hosts',
    group: 'Access',
    type: hostNames,
    doc: 'The only other servers that releases are pushed to: hosts with commas between, or none; otherwise any.',
  },
  {
    name: 'secret-file',
    aliases: ['secretfile'],
    group: 'Access',
    type: file,
    doc: 'A file with the secret that logins are signed with, for servers to share; otherwise one in the data folder.',
  },
  {
    name: 'login-expiry',
    group: 'Access',
    type: span,
    default: '10h',
    doc: 'How long a login is good for.',
  },
  {
    name: 'primary-url',
    aliases: ['master-url'],
    group: 'Replication',
    type: baseUrl,
    doc: 'Be a replica of the server at this address, which has the same --secret-file.',
  },
  {
    name: 'replica-cert',
    group: 'Replication',
    type: certificateWithKey,
    doc: 'A PEM file with the certificate, and its key, that this server shows others of its group.',
  },
  {
    name: 'replica-ca',
    group: 'Replication',
    type: authorities,
    doc: 'A PEM file with authorities to trust for other servers of the group, beside those of the machine.',
  },
  {
    name: 'blobs',
    group: 'Replication',
    type: choice('all', 'filtered', 'on-demand'),
    doc: 'Which files a replica gets ahead: all, those of --replica-filter, or each when it is first asked for.',
  },
  {
    name: 'replica-filter',
    isList: true,
    group: 'Replication',
    type: replicaFilter,
    doc: 'The files that a replica gets ahead and keeps: user=, index=, project=, skip=, newest=N, platform=, lock=FILE.',
  },
  {
    name: 'upstream-files',
    group: 'Replication',
    type: toggle,
    default: 'no',
    doc: 'While its primary is away, a replica fetches the files of mirrors from their upstreams itself.',
  },
  {
    name: 'proxy-timeout',
    group: 'Replication',
    type: wait,
    default: '30s',
    doc: 'How long a change that was sent to a replica may take to come back from the primary.',
  },
  {
    name: 'no-root-pypi',
    group: 'Mirrors',
    type: toggle,
    default: 'no',
    doc: 'The first start makes no mirror root/pypi; later it changes nothing.',
  },
  {
    name: 'pypi-url',
    group: 'Mirrors',
    type: url,
    doc: "The simple index that root/pypi mirrors; otherwise the one pip or uv is set up for, or pip's own.",
  },
  {
    name: 'request-timeout',
    group: 'Mirrors',
    type: wait,
    default: '5s',
    doc: 'How long a page waits for its upstream before the links known so far are served.',
  },
  {
    name: 'upstream-connect-timeout',
    group: 'Mirrors',
    type: wait,
    default: '10s',
    doc: 'How long connecting to an upstream may take.',
  },
  {
    name: 'upstream-first-byte-timeout',
    group: 'Mirrors',
    type: wait,
    default: '30s',
    doc: 'How long an upstream may take until it begins to answer.',
  },
  {
    name: 'upstream-stall-timeout',
    group: 'Mirrors',
    type: wait,
    default: '30s',
    doc: 'A download from upstream fails when no byte has come for this long.',
  },
  {
    name: 'mirror-cache-expiry',
    group: 'Mirrors',
    type: span,
    default: '30m',
    doc: "How long a mirror's links count as fresh, unless the index says otherwise.",
  },
  {
    name: 'mirror-stale-for',
    group: 'Mirrors',
    type: span,
    default: '1d',
    doc: 'For how long links that are no longer fresh are served at once, and looked at behind the answer. 0 always waits for upstream.',
  },
  {
    name: 'mirror-stale-wait',
    group: 'Mirrors',
    type: span,
    default: '25ms',
    doc: 'How long such an answer waits for an upstream that may be quick.',
  },
  {
    name: 'no-make-ahead',
    group: 'Mirrors',
    type: toggle,
    default: 'no',
    doc: 'Ask upstreams for nothing ahead: neither for the core metadata of the newest versions, nor for the pages of what a wheel requires, nor for the next wheels of who fetches what it has resolved.',
  },
  {
    name: 'offline-mode',
    group: 'Mirrors',
    type: toggle,
    default: 'no',
    doc: 'Ask no upstream anything: mirrors show the projects and files that are here, and answer at once.',
  },
  {
    name: 'advisories',
    isList: true,
    group: 'Policies',
    type: placeList,
    doc: 'A folder, zip or JSON file of OSV advisories, or the address of one, such as an all.zip; may be given several times.',
  },
  {
    name: 'advisories-interval',
    group: 'Policies',
    type: wait,
    default: '1h',
    doc: 'How often the advisories are looked for again.',
  },
  {
    name: 'plugin',
    isList: true,
    group: 'Running',
    type: fileList,
    doc: 'A JavaScript or TypeScript module that adds policies, logins, themes or listeners; may be given several times.',
  },
  {
    name: 'theme',
    group: 'Pages',
    type: theme,
    doc: 'How the pages look: the name of a theme, or its folder. wheelyard admin theme list tells which there are.',
  },
  {
    name: 'theme-reload',
    group: 'Pages',
    type: toggle,
    default: 'no',
    doc: "Look at the theme's files with each page, and load pages anew where they changed: for who works on a theme.",
  },
  {
    name: 'max-upload-size',
    group: 'Limits',
    type: size,
    default: '4GiB',
    doc: 'The largest file that may be uploaded.',
  },
  {
    name: 'max-request-body-size',
    group: 'Limits',
    type: size,
    doc: 'The largest body of any request, as devpi has it; otherwise what an upload may need.',
  },
  {
    name: 'page-cache-size',
    group: 'Limits',
    type: size,
    default: '64MB',
    doc: 'Memory for rendered pages.',
  },
  {
    name: 'file-cache-size',
    group: 'Limits',
    type: size,
    default: '16MB',
    doc: 'Memory for small files (64 KiB at most) and core metadata that are asked for again and again.',
  },
  {
    name: 'log-level',
    group: 'Running',
    type: choice(...logLevels),
    default: 'info',
    doc: 'What is worth a line on standard error: debug, info, warn, error or silent.',
  },
  {
    name: 'workers',
    group: 'Running',
    type: workerCount,
    default: '1',
    doc: 'How many processes answer requests; auto takes one for each processor core.',
  },
  {
    name: 'slow-request',
    group: 'Running',
    type: span,
    default: '2s',
    doc: 'From when on a late answer gets a line of its own in the log, which says what it waited for; 0 for none.',
  },
  {
    name: 'server-timing',
    group: 'Running',
    type: choice('root', 'everybody', 'nobody'),
    default: 'root',
    doc: 'Who is told in the header Server-Timing what an answer waited for: root once logged in, everybody or nobody.',
  },
  {
    name: 'drain-timeout',
    group: 'Running',
    type: wait,
    default: '10s',
    doc: 'How long running requests may take to finish once the server is told to stop.',
  },
] as const satisfies readonly Setting[]

export type SettingRow = (typeof settings)[number]
export type SettingName = SettingRow['name']

export function flagOf(name: string): string {
  return `--${name}`
}

export function variableOf(name: string): string {
  return `WHEELYARD_${name.toUpperCase().replaceAll('-', '_')}`
}

/** All names of a setting, its own first. */
export function namesOf(setting: Setting): readonly string[] {
  return [setting.name, ...(setting.aliases ?? [])]
}
