/** Every option of devpi's commands, and what becomes of it here. Flags, variables, files and reference come from it. */
import type { SettingName } from './config-settings.ts'

export type DevpiOptionEnd =
  /** It is a setting of ours, or one with that value. */
  | { readonly setting: SettingName; readonly value?: string }
  /** It is taken and changes nothing, for this reason. */
  | { readonly without: string }
  /** It cannot be taken; what to do instead. These values of it are, for they change nothing. */
  | { readonly instead: string; readonly except?: readonly string[] }

export interface DevpiOption {
  readonly name: string
  /** What stands for the value; a switch has none. */
  readonly placeholder?: string
  readonly end: DevpiOptionEnd
}

/** In the order of devpi-server's own help. */
export const devpiOptions: readonly DevpiOption[] = [
  { name: 'configfile', placeholder: 'FILE', end: { setting: 'configfile' } },
  {
    name: 'role',
    placeholder: 'ROLE',
    end: {
      instead: 'a server with --primary-url is a replica, one with --secret-file has them',
      except: ['auto', 'standalone', 'primary', 'master'],
    },
  },
  { name: 'passwd', placeholder: 'USER', end: { instead: 'use wheelyard admin passwd USER' } },
  { name: 'debug', end: { setting: 'log-level', value: 'debug' } },
  {
    name: 'logger-cfg',
    placeholder: 'FILE',
    end: { without: 'the log is lines of JSON on standard error; see --log-level' },
  },

  { name: 'host', placeholder: 'HOST', end: { setting: 'host' } },
  { name: 'port', placeholder: 'PORT', end: { setting: 'port' } },
  { name: 'listen', placeholder: 'ADDRESS', end: { setting: 'listen' } },
  { name: 'unix-socket', placeholder: 'PATH', end: { setting: 'unix-socket' } },
  { name: 'unix-socket-perms', placeholder: 'MODE', end: { setting: 'unix-socket-perms' } },
  { name: 'threads', placeholder: 'NUM', end: { without: 'requests need no threads here' } },
  {
    name: 'connection-limit',
    placeholder: 'NUM',
    end: { without: 'an idle connection costs next to nothing here' },
  },
  { name: 'trusted-proxy', placeholder: 'ADDRESS', end: { setting: 'trusted-proxy' } },
  { name: 'trusted-proxy-count', placeholder: 'NUMBER', end: { setting: 'trusted-proxy-count' } },
  {
    name: 'trusted-proxy-headers',
    placeholder: 'NAMES',
    end: { setting: 'trusted-proxy-headers' },
  },
  { name: 'max-request-body-size', placeholder: 'SIZE', end: { setting: 'max-request-body-size' } },
  { name: 'outside-url', placeholder: 'URL', end: { setting: 'outside-url' } },
  { name: 'absolute-urls', end: { setting: 'absolute-urls' } },
  { name: 'enable-core-metadata', end: { without: 'core metadata is always served' } },
  {
    name: 'profile-requests',
    placeholder: 'NUM',
    end: { without: 'start Node with --cpu-prof for a profile' },
  },

  { name: 'mirror-cache-expiry', placeholder: 'TIME', end: { setting: 'mirror-cache-expiry' } },
  { name: 'primary-url', placeholder: 'URL', end: { setting: 'primary-url' } },
  { name: 'master-url', placeholder: 'URL', end: { setting: 'primary-url' } },
  { name: 'replica-cert', placeholder: 'FILE', end: { setting: 'replica-cert' } },
  {
    name: 'replica-file-search-path',
    placeholder: 'PATH',
    end: { without: "a primary's folder blobs may be copied into that of its replica" },
  },
  { name: 'hard-links', end: { without: 'only a replica, an import and an export need it' } },
  {
    name: 'file-replication-threads',
    placeholder: 'NUM',
    end: { without: 'a replica needs no such setting here' },
  },
  {
    name: 'file-replication-skip-indexes',
    placeholder: 'LIST',
    end: { without: 'use --replica-filter skip=LIST, or --blobs on-demand for all' },
  },
  { name: 'proxy-timeout', placeholder: 'TIME', end: { setting: 'proxy-timeout' } },
  { name: 'no-replica-streaming', end: { without: 'a replica needs no such setting here' } },
  { name: 'request-timeout', placeholder: 'TIME', end: { setting: 'request-timeout' } },
  { name: 'offline-mode', end: { setting: 'offline-mode' } },

  { name: 'serverdir', placeholder: 'DIR', end: { setting: 'dir' } },
  {
    name: 'storage',
    placeholder: 'NAME',
    end: {
      instead: 'other storage than files and SQLite in --dir comes with a later version',
      except: ['sqlite', 'sqlite_db_files'],
    },
  },
  {
    name: 'keyfs-cache-size',
    placeholder: 'NUM',
    end: { without: 'there is no such cache here; see --page-cache-size' },
  },
  { name: 'secretfile', placeholder: 'FILE', end: { setting: 'secret-file' } },
  ...['memory-cost', 'parallelism', 'time-cost'].map((part) => ({
    name: `argon2-${part}`,
    placeholder: 'NUM',
    end: { without: 'the key for logins is used as it is in the secret file' },
  })),
  {
    name: 'requests-only',
    end: { without: 'servers may share one data folder, and each does everything' },
  },
  { name: 'restrict-modify', placeholder: 'LIST', end: { setting: 'restrict-modify' } },
  { name: 'autocreate-users', end: { without: 'nobody but this server authenticates users yet' } },

  { name: 'theme', placeholder: 'DIR', end: { setting: 'theme' } },
  {
    name: 'debug-macros',
    end: { without: 'who works on a theme sets --theme-reload' },
  },
  {
    name: 'documentation-path',
    placeholder: 'DIR',
    end: { without: 'documentation is kept in the data folder, as it was uploaded' },
  },
  { name: 'keep-docs-packed', end: { without: 'documentation is always kept as it was uploaded' } },
  {
    name: 'indexer-backend',
    placeholder: 'NAME',
    end: { without: 'the search index is built in' },
  },

  { name: 'no-root-pypi', end: { setting: 'no-root-pypi' } },
  { name: 'root-passwd', placeholder: 'PASSWORD', end: { setting: 'root-password' } },
  { name: 'root-passwd-hash', placeholder: 'HASH', end: { setting: 'root-password-hash' } },
]

/** Options of single commands of devpi, and what to do here. A file of options is for all of its commands. */
export const otherDevpiOptions: readonly { readonly name: string; readonly here: string }[] = [
  { name: 'skip-import-type', here: 'the same with `wheelyard admin import-devpi`' },
  { name: 'no-events', here: 'nothing waits for events; `wheelyard admin import-devpi` takes it' },
  { name: 'include-mirrored-files', here: 'the same with `wheelyard admin export-devpi`' },
  { name: 'checksum', here: 'the same with `wheelyard admin verify`' },
  { name: 'no-checksum', here: 'the same with `wheelyard admin verify`' },
]

/** devpi's commands, and what does their work here. */
export const devpiCommands: Readonly<Record<string, string>> = {
  'devpi-server': '`wheelyard serve`',
  'devpi-init': '`wheelyard admin init`; `wheelyard serve` sets an empty folder up by itself',
  'devpi-passwd': '`wheelyard admin passwd`',
  'devpi-gen-config': '`wheelyard admin gen-config`',
  'devpi-gen-secret': '`wheelyard admin gen-secret`',
  'devpi-fsck': '`wheelyard admin verify`',
  'devpi-import':
    '`wheelyard admin import-devpi`; see [import and export](../how-to/import-and-export.md)',
  'devpi-export': '`wheelyard admin export-devpi`; for backups `wheelyard admin dump`',
  'devpi-clear-search-index': '`wheelyard admin reindex`',
}
