/** `wheelyard follow-devpi`: serves what a devpi-server has, and takes over what changes there. */
import { UsedWrongly } from '#base/used-wrongly'
import { defineCommand, flagValue, type Given } from './command.ts'
import { devpiOnlyOptions, readSettings, settingOptions } from './admin/settings.ts'
import { runServer } from './serve.ts'

/** devpi's own: what it costs to make a key of the secret. */
const costs = [
  { name: 'argon2-memory-cost', initial: 524_288, placeholder: 'KIB' },
  { name: 'argon2-time-cost', initial: 16, placeholder: 'N' },
  { name: 'argon2-parallelism', initial: 8, placeholder: 'N' },
] as const

const costOptions = costs.map(({ name, initial, placeholder }) => ({
  name,
  placeholder,
  doc: `As the devpi-server was started with, if it was. [${initial}]`,
  group: 'Options',
}))

export const followDevpi = defineCommand({
  name: 'follow-devpi',
  summary: 'Follow a devpi-server as its replica, and serve what it has.',
  about:
    'The devpi-server (6.x) must run with --role primary and --secretfile, and the same secret must be in ' +
    '--secret-file here. All users, indexes, files, documentation and test results come over, and then each change ' +
    'as it is made. What is changed here meanwhile, devpi does. To take over, stop this command once nothing is ' +
    'missing, and run `wheelyard serve` on the same folder.',
  args: [{ name: 'URL', doc: 'The devpi-server, such as https://devpi.example.com/.' }],
  options: [
    ...costOptions,
    ...settingOptions().filter(({ name }) => !['primary-url', 'no-root-pypi'].includes(name)),
    ...devpiOnlyOptions('storage', 'keyfs-cache-size', 'debug', 'logger-cfg'),
  ],
  examples: [
    'wheelyard follow-devpi http://127.0.0.1:3141 --secret-file /etc/devpi.secret --dir /srv/wheelyard --port 3142',
  ],

  async prepare(given) {
    const mistakes: string[] = []
    const url = readUrl(given, mistakes)
    const cost = readCost(given, mistakes)
    const own = new Set<string>(costs.map(({ name }) => name))
    const flags = given.flags.filter(({ name }) => !own.has(name))
    const loaded = await readSettings({ ...given, flags }).catch((error: unknown) => {
      if (!(error instanceof UsedWrongly)) throw error
      throw new UsedWrongly([...mistakes, ...error.mistakes], error.exitCode)
    })
    if (loaded.config.secretFile === undefined) {
      mistakes.push('--secret-file is missing: the file with the secret of the devpi-server')
    }
    if (loaded.config.primaryUrl !== undefined) {
      mistakes.push('--primary-url makes it a replica of a Wheelyard: it follows one server alone')
    }
    if (mistakes.length > 0) throw new UsedWrongly(mistakes)
    return { loaded, devpi: { url, cost } }
  },

  run: ({ loaded, devpi }, { world }) => runServer(loaded, world, { devpi }),
})

function readUrl({ args }: Given, mistakes: string[]): string {
  const [text] = args
  if (text === undefined) return '' // said already
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (!url || !/^https?:$/.test(url.protocol)) {
    mistakes.push(`URL: ${text} is no address such as https://devpi.example.com/`)
  } else if (url.username !== '' || url.password !== '') {
    mistakes.push('URL: credentials in it are not used; the secret is what is needed')
  } else if (url.search !== '' || url.hash !== '') {
    mistakes.push(`URL: ${text} is not the address of a server alone`)
  }
  return text
}

function readCost(given: Given, mistakes: string[]) {
  const [memory = 0, passes = 0, parallelism = 0] = costs.map(({ name, initial }) => {
    const text = flagValue(given, name)
    if (text === undefined) return initial
    const value = Number(text)
    if (!/^\d{1,8}$/.test(text) || value < 1)
      mistakes.push(`--${name}: ${text} is no number above 0`)
    return value
  })
  if (memory < 8 * parallelism) {
    mistakes.push(`--argon2-memory-cost: it must be at least ${8 * parallelism}, 8 for each lane`)
  }
  return { memory, passes, parallelism }
}
