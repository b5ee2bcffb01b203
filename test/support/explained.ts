/** The cases that docs/explain/explained.md shows, as `wheelyard explain` prints them. */
import { runCommand } from './command.ts'
import {
  BEGINNING,
  DAY_MS,
  POLICED_MIRROR,
  POLICED_STAGE,
  startPolicedWorld,
  type PolicedWorld,
} from './policies.ts'
import { sendFile } from './upload.ts'
import { makeSdist, makeWheel } from './wheel.ts'

const at = (days: number): Record<string, unknown> => ({
  'upload-time': new Date(BEGINNING - days * DAY_MS).toISOString(),
})

const upstream = {
  anchor: [
    { built: makeWheel('anchor', '1.0'), facts: at(400) },
    { built: makeWheel('anchor', '1.1'), facts: { ...at(40), yanked: 'broken on Windows' } },
    { built: makeSdist('anchor', '1.2'), facts: at(20) },
    { built: makeWheel('anchor', '1.2'), facts: at(20) },
    { built: makeWheel('anchor', '1.3'), facts: at(2) },
  ],
}

interface Case {
  readonly title: string
  readonly options: Readonly<Record<string, unknown>>
  /** What `prepare` does, as a reader would. */
  readonly told?: string
  readonly prepare?: (world: PolicedWorld) => Promise<unknown>
}

export const explainedCases: readonly Case[] = [
  { title: 'A cool-down', options: { cooldown: '7d' } },
  {
    title: 'A claimed name',
    options: {},
    told: 'devpi upload anchor-0.9-py3-none-any.whl',
    async prepare(world) {
      await world.shown('anchor', POLICED_MIRROR)
      await sendFile(world.api, POLICED_STAGE, makeWheel('anchor', '0.9'), {
        name: 'anchor',
        version: '0.9',
      })
    },
  },
  {
    title: 'The same file name on the index and outside',
    options: { mirror_whitelist: 'anchor' },
    told: 'devpi upload anchor-1.0-py3-none-any.whl',
    prepare: (world) =>
      sendFile(world.api, POLICED_STAGE, makeWheel('anchor', '1.0', { content: 'own = 1\n' }), {
        name: 'anchor',
      }),
  },
  {
    title: 'An index that is a constraints file',
    options: { constraints: 'anchor==1.2', only_binary: ':all:' },
  },
  {
    title: 'Several policies, of which one is of a base',
    options: { deny_yanked: true },
    told: 'devpi index ada/mirror newest_versions=2',
    prepare: (world) => world.set({ newest_versions: 2 }, POLICED_MIRROR),
  },
  { title: 'A rehearsal', options: { cooldown: '30d', policy_mode: 'observe' } },
]

/** What the command prints, with the upstream’s address as a reader’s. */
export async function explainCase({ options, prepare }: Case): Promise<string> {
  await using world = await startPolicedWorld(upstream)
  await world.set(options)
  await prepare?.(world)
  const index = new URL(POLICED_STAGE, world.api.app.url).href
  const { code, stdout, output } = await runCommand(['explain', index, 'anchor'], {
    cwd: world.api.folder.path,
  })
  if (code !== 0) throw new Error(output)
  return stdout.replaceAll(world.upstream.url('/'), 'https://upstream.example/')
}

export async function explainedPage(): Promise<string> {
  const parts: string[] = []
  for (const one of explainedCases) {
    const options = Object.entries(one.options)
      .map(([name, value]) => ` ${name}=${JSON.stringify(value).replaceAll(/^"|"$/g, '')}`)
      .join('')
    const text = await explainCase(one)
    const told = one.told === undefined ? '' : `$ ${one.told}\n`
    parts.push(
      `## ${one.title}\n\n\`\`\`text\n$ devpi index ada/dev bases=ada/mirror${options}\n${told}$ wheelyard explain ada/dev anchor\n${text.trimEnd()}\n\`\`\`\n`,
    )
  }
  return `# What \`wheelyard explain\` says\n\nThe same world each time: \`ada/dev\` is a stage over the mirror \`ada/mirror\`, whose upstream has five files of\n\`anchor\`. It is the first of June 2026.\n\n${parts.join('\n')}`
}
