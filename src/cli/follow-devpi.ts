/** `wheelyard follow-devpi`: serves what a devpi-server has, and takes over what changes there. */
import { resolve } from 'node:path'
import {
  kindOfFolder,
  prepareDevpiTaking,
  type DevpiPlace,
  type LocalFiles,
} from '#app-devpi-folder'
import { UsedWrongly } from '#base/used-wrongly'
import type { Config } from '#config'
import { hardLinksOption } from './admin/moving.ts'
import { devpiOnlyOptions, readSettings, settingOptions } from './admin/settings.ts'
import { printProblems } from './admin/unusable.ts'
import { defineCommand, flagValue, hasFlag, type Given } from './command.ts'
import { startCounter } from './progress.ts'
import { runServer } from './serve.ts'
import { assertWritable } from './start-failure.ts'

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
    'missing, and run `wheelyard serve` on the same folder. With --from, what that folder has is taken from there, ' +
    'and the rest from URL; without URL that is all, and the command ends.',
  args: [
    {
      name: 'URL',
      doc: 'The devpi-server, such as https://devpi.example.com/.',
      isOptional: true,
    },
  ],
  options: [
    {
      name: 'from',
      placeholder: 'FOLDER',
      doc: 'Look there first: its server folder, or an export of it, of which the files are taken.',
      group: 'Options',
    },
    hardLinksOption,
    ...costOptions,
    ...settingOptions().filter(
      ({ name }) => !['primary-url', 'no-root-pypi', 'workers'].includes(name),
    ),
    ...devpiOnlyOptions('storage', 'keyfs-cache-size', 'debug', 'logger-cfg'),
  ],
  examples: [
    'wheelyard follow-devpi http://127.0.0.1:3141 --secret-file /etc/devpi.secret --dir /srv/wheelyard --port 3142',
    'wheelyard follow-devpi --from /srv/devpi --dir /srv/wheelyard --hard-links',
  ],

  async prepare(given) {
    const mistakes: string[] = []
    const url = readUrl(given, mistakes)
    const cost = readCost(given, mistakes)
    const local = readFolder(given, url, mistakes)
    const own = new Set<string>([...costs.map(({ name }) => name), 'from', 'hard-links'])
    const flags = given.flags.filter(({ name }) => !own.has(name))
    const loaded = await readSettings({ ...given, flags }).catch((error: unknown) => {
      if (!(error instanceof UsedWrongly)) throw error
      throw new UsedWrongly([...mistakes, ...error.mistakes], error.exitCode)
    })
    if (url !== undefined && loaded.config.secretFile === undefined) {
      mistakes.push('--secret-file is missing: the file with the secret of the devpi-server')
    }
    if (loaded.config.primaryUrl !== undefined) {
      mistakes.push('--primary-url makes it a replica of a Wheelyard: it follows one server alone')
    }
    if (mistakes.length > 0) throw new UsedWrongly(mistakes)
    return { loaded, url, place: { cost, local } }
  },

  run: async ({ loaded, url, place }, given) => {
    if (url === undefined) return takeFolder(loaded.config, place, given)
    return runServer(loaded, given.world, { devpi: { ...place, url } })
  },
})

/** Undefined where there is none. */
function readUrl({ args }: Given, mistakes: string[]): string | undefined {
  const [text] = args
  if (text === undefined) return undefined
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

function readFolder(
  given: Given,
  url: string | undefined,
  mistakes: string[],
): LocalFiles | undefined {
  const text = flagValue(given, 'from')
  if (text === undefined) {
    if (url === undefined) mistakes.push('URL is missing: the devpi-server, or --from FOLDER')
    return undefined
  }
  const folder = resolve(given.world.cwd, text)
  const kind = kindOfFolder(folder)
  if (kind === undefined) {
    mistakes.push(`--from: ${text} is no devpi-server's folder and no export of one`)
  } else if (kind === 'export' && url === undefined) {
    mistakes.push(
      `--from: ${text} is an export, which ends where it was made: ` +
        `wheelyard admin import-devpi ${text} takes it over, or name the URL as well`,
    )
  }
  return { folder, hardLinks: hasFlag(given, 'hard-links') }
}

async function takeFolder(
  config: Config,
  { local, cost }: Pick<DevpiPlace, 'local' | 'cost'>,
  given: Given,
): Promise<number> {
  if (!local) return 2 // said already
  const { stdout, stderr } = given.world
  await assertWritable(config.dir)
  const taking = await prepareDevpiTaking(config, { local, cost })
  try {
    const onChanges = startCounter(given, taking.changes, 'changes')
    const onFiles = startCounter(given, undefined, 'files')
    const { serial, changes, files, missing, problems } = await taking.run({ onChanges, onFiles })
    onFiles(undefined)
    stdout.write(`changes: ${changes} taken over, up to serial ${serial}\nfiles: ${files}\n`)
    printProblems(stderr, problems, missing)
    if (missing === 0) return 0
    stderr.write(
      `Error: ${missing} files are not there. All else is here; these answer 404.\n` +
        'Try: the same with URL, if the devpi-server still has them\n',
    )
    return 1
  } finally {
    await taking.close()
  }
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
