/** What commands that ask a server have in common. */
import { parseIndexAddress, type IndexAddress } from '#client/index-address'
import { flagValue, type CommandOption, type Given } from '../command.ts'

export const serverOption: CommandOption = {
  name: 'server',
  placeholder: 'URL',
  doc: 'The server, unless INDEX is a whole address; else $WHEELYARD_SERVER, else http://127.0.0.1:3141/.',
  group: 'Options',
}

export const jsonOption: CommandOption = {
  name: 'json',
  doc: 'Print JSON.',
  group: 'Options',
}

/** The index that a command is about, or what is wrong with what was given. */
export function readIndexArgument(text: string, given: Given): IndexAddress | string {
  const variable = given.world.env['WHEELYARD_SERVER']
  return parseIndexAddress(text, flagValue(given, 'server') ?? (variable || undefined))
}
