/** Every command by its words; its file is imported only when it is called. */
import type { Command } from './command.ts'

interface Entry {
  readonly name: string
  load(): Promise<Command>
}

export const commands: readonly Entry[] = [
  { name: 'serve', load: async () => (await import('./serve.ts')).serve },
  {
    name: 'follow-devpi',
    load: async () => (await import('./follow-devpi.ts')).followDevpi,
  },
  { name: 'explain', load: async () => (await import('./commands/explain.ts')).explain },
  { name: 'rehearsal', load: async () => (await import('./commands/rehearsal.ts')).rehearsal },
  { name: 'relock', load: async () => (await import('./commands/relock.ts')).relock },
  { name: 'admin init', load: async () => (await import('./admin/init.ts')).init },
  { name: 'admin passwd', load: async () => (await import('./admin/passwd.ts')).passwd },
  { name: 'admin verify', load: async () => (await import('./admin/verify.ts')).verify },
  { name: 'admin promote', load: async () => (await import('./admin/promote.ts')).promote },
  {
    name: 'admin late-writes',
    load: async () => (await import('./admin/late-writes.ts')).lateWrites,
  },
  { name: 'admin reindex', load: async () => (await import('./admin/reindex.ts')).reindex },
  { name: 'admin sweep', load: async () => (await import('./admin/sweep.ts')).sweep },
  { name: 'admin dump', load: async () => (await import('./admin/dump.ts')).dump },
  { name: 'admin load', load: async () => (await import('./admin/load.ts')).load },
  {
    name: 'admin import-files',
    load: async () => (await import('./admin/import-files.ts')).importFiles,
  },
  {
    name: 'admin import-tree',
    load: async () => (await import('./admin/import-tree.ts')).importTree,
  },
  {
    name: 'admin export-devpi',
    load: async () => (await import('./admin/export-devpi.ts')).exportDevpi,
  },
  {
    name: 'admin import-devpi',
    load: async () => (await import('./admin/import-devpi.ts')).importDevpi,
  },
  { name: 'admin bundle', load: async () => (await import('./admin/bundle.ts')).bundle },
  {
    name: 'admin import-bundle',
    load: async () => (await import('./admin/import-bundle.ts')).importBundle,
  },
  { name: 'admin compare', load: async () => (await import('./admin/compare.ts')).compare },
  { name: 'admin prime', load: async () => (await import('./admin/prime.ts')).prime },
  {
    name: 'admin gen-secret',
    load: async () => (await import('./admin/gen-secret.ts')).genSecret,
  },
  {
    name: 'admin gen-config',
    load: async () => (await import('./admin/gen-config.ts')).genConfig,
  },
  { name: 'admin theme list', load: async () => (await import('./admin/theme/list.ts')).themeList },
  { name: 'admin theme new', load: async () => (await import('./admin/theme/new.ts')).themeNew },
  {
    name: 'admin theme check',
    load: async () => (await import('./admin/theme/check.ts')).themeCheck,
  },
  {
    name: 'admin theme preview',
    load: async () => (await import('./admin/theme/preview.ts')).themePreview,
  },
  { name: 'admin config', load: async () => (await import('./admin/config.ts')).config },
]

/** The commands that begin with these words, all where there are none. */
export function listCommands(words: readonly string[]): readonly Entry[] {
  const prefix = words.map((word) => `${word} `).join('')
  return commands.filter(({ name }) => `${name} `.startsWith(prefix))
}
