/** The index that pip is set up to use, read the way pip reads its environment and files. */
import { join, posix } from 'node:path'
import type { Machine, Setting } from './pypi-address.ts'

/** The sections that say something for `pip install` and `pip download`, weakest first. */
const sections = ['global', 'download', 'install']

/** pip's own precedence: the environment, then all files as one, where a later file overrules. */
export async function* listPipSettings(machine: Machine): AsyncIterable<Setting> {
  const { env, readText } = machine
  if (env['PIP_INDEX_URL']) {
    yield { text: env['PIP_INDEX_URL'], from: 'the environment variable PIP_INDEX_URL' }
  }

  const merged = new Map<string, Setting>()
  for (const path of await listPipFiles(machine)) {
    const text = await readText(path)
    if (text === undefined) continue
    for (const { section, key, value } of parsePipFile(text)) {
      if (key !== 'index-url' || value === '' || !sections.includes(section)) continue
      merged.set(section, { text: value, from: `pip's configuration in ${path}` })
    }
  }
  for (const section of sections.toReversed()) {
    const setting = merged.get(section)
    if (setting) yield setting
  }
}

/** Weakest first: machine, user, virtual environment, and the one file that is named. */
async function listPipFiles(machine: Machine): Promise<readonly string[]> {
  const { env, home, platform, etc, readText } = machine
  const named = env['PIP_CONFIG_FILE']
  if (named === (platform === 'win32' ? 'nul' : '/dev/null')) return []

  const name = platform === 'win32' ? 'pip.ini' : 'pip.conf'
  const venv = env['VIRTUAL_ENV'] ? [join(env['VIRTUAL_ENV'], name)] : []
  const hasNamed = named !== undefined && (await readText(named)) !== undefined
  // A file that is named, and there, stands in for those of the user.
  const user = hasNamed || !home ? [] : userFolders({ env, home, platform })
  const folders = [...machineFolders({ env, platform, etc }), ...user]
  return [...folders.map((folder) => join(folder, name)), ...venv, ...(hasNamed ? [named] : [])]
}

type Place = Pick<Machine, 'env' | 'platform' | 'etc'>

function machineFolders({ env, platform, etc }: Place): string[] {
  if (platform === 'win32') return [join(env['PROGRAMDATA'] ?? 'C:\\ProgramData', 'pip')]
  if (platform === 'darwin') return ['/Library/Application Support/pip']
  const shared = (env['XDG_CONFIG_DIRS'] || '/etc/xdg').split(':').filter(Boolean)
  return [...shared.map((folder) => posix.join(folder, 'pip')), etc]
}

function userFolders({
  env,
  home,
  platform,
}: Pick<Machine, 'env' | 'platform'> & { home: string }) {
  if (platform === 'win32') {
    return [join(home, 'pip'), join(env['APPDATA'] ?? join(home, 'AppData', 'Roaming'), 'pip')]
  }
  const inConfig = join(env['XDG_CONFIG_HOME'] || join(home, '.config'), 'pip')
  const atHome = join(home, '.pip')
  if (platform !== 'darwin') return [atHome, inConfig]
  return [atHome, join(home, '.config', 'pip'), join(home, 'Library', 'Application Support', 'pip')]
}

interface PipLine {
  readonly section: string
  readonly key: string
  readonly value: string
}

/**
 * Python's `RawConfigParser`, as far as one-line values go. The library `ini` would not do: there `:`
 * divides nothing, `;` and `#` inside a value begin a comment, and a section's dots are a path.
 */
export function parsePipFile(text: string): PipLine[] {
  const lines: PipLine[] = []
  let section = ''
  let pending: string | undefined
  for (const raw of text.replace(/^\uFEFF/, '').split(/\r?\n/)) {
    const line = raw.trim()
    if (line === '' || /^[#;]/.test(line)) continue
    const [, title] = /^\[(.+)\]/.exec(raw) ?? []
    const [, name, value] = /^([^\s=:][^=:]*?)\s*[=:]\s*(.*)$/.exec(raw) ?? []
    if (title !== undefined) {
      section = title
      pending = undefined
    } else if (/^\s/.test(raw) && pending !== undefined) {
      // The value may begin on the line below its name.
      lines.push({ section, key: pending, value: line })
      pending = undefined
    } else if (name !== undefined) {
      const key = name.toLowerCase().replaceAll('_', '-').replace(/^--/, '')
      pending = value === '' ? key : undefined
      if (value) lines.push({ section, key, value: value.trim() })
    }
  }
  return lines
}
