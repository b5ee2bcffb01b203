/** The index that uv is set up to use, read the way uv reads its environment and files. */
import { join } from 'node:path'
import { parse } from 'smol-toml'
import type { Machine, Setting } from './pypi-address.ts'

export async function* listUvSettings(machine: Machine): AsyncIterable<Setting> {
  const { env, readText } = machine
  for (const name of ['UV_DEFAULT_INDEX', 'UV_INDEX_URL']) {
    const text = env[name]
    // An index may be given a name in front of its address: corporate=https://…
    if (text)
      yield { text: text.replace(/^[\w.-]+=/, ''), from: `the environment variable ${name}` }
  }

  for (const path of listUvFiles(machine)) {
    const text = await readText(path)
    const from = `uv's configuration in ${path}`
    for (const url of text === undefined ? [] : listUrls(text)) yield { text: url, from }
  }
}

/** Strongest first. */
function listUvFiles({ env, home, platform, etc }: Machine): string[] {
  if (env['UV_CONFIG_FILE']) return [env['UV_CONFIG_FILE']]
  if (/^(1|true|yes|on|y|t)$/i.test(env['UV_NO_CONFIG'] ?? '')) return []

  if (platform === 'win32') {
    const folders = [env['APPDATA'], env['PROGRAMDATA'] ?? 'C:\\ProgramData']
    return folders.flatMap((folder) => (folder ? [join(folder, 'uv', 'uv.toml')] : []))
  }
  const user = env['XDG_CONFIG_HOME'] || (home && join(home, '.config'))
  const shared = (env['XDG_CONFIG_DIRS'] || '/etc/xdg').split(':').filter(Boolean)
  return [...(user ? [user] : []), ...shared, etc].map((folder) => join(folder, 'uv', 'uv.toml'))
}

/** The default index by its three spellings, the present one first. A file uv cannot read says nothing. */
function listUrls(text: string): string[] {
  let table: Record<string, unknown>
  try {
    table = parse(text)
  } catch {
    return []
  }
  const indexes = Array.isArray(table['index']) ? (table['index'] as unknown[]) : []
  const chosen = indexes.filter(isTable).find((index) => index['default'] === true)
  const pip = isTable(table['pip']) ? table['pip'] : {}
  const spellings = [chosen?.['url'], table['index-url'], pip['index-url']]
  return spellings.filter((url) => typeof url === 'string')
}

function isTable(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
