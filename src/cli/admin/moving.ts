/** What commands have in common that take a folder of files over, or write one. */
import { resolve } from 'node:path'
import type { Config } from '#config'
import type { CommandOption, Given } from '../command.ts'
import { readSettings } from './settings.ts'

export const hardLinksOption: CommandOption = {
  name: 'hard-links',
  doc: 'Link files instead of copying them; both folders must be on the same file system.',
  group: 'Options',
}

export const skipBrokenOption: CommandOption = {
  name: 'skip-broken',
  doc: 'Leave out files that are missing or broken, and tell which.',
  group: 'Options',
}

/** The settings, and the folder that the first argument names. */
export async function readFolderOrder(given: Given): Promise<{ config: Config; folder: string }> {
  const { config } = await readSettings(given)
  const [folder = ''] = given.args
  return { config, folder: resolve(given.world.cwd, folder) }
}
