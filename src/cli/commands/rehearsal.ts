/** `wheelyard rehearsal`: what the policies of an index would have refused, and to whom. */
import { UsedWrongly } from '#base/used-wrongly'
import { openClient } from '#client/client'
import type { IndexAddress } from '#client/index-address'
import { defineCommand, hasFlag } from '../command.ts'
import { printJson, printTable } from '../output.ts'
import { jsonOption, readIndexArgument, serverOption } from './server.ts'

interface Rehearsal {
  readonly index: string
  readonly hits: readonly {
    readonly policy: string
    readonly reason: string
    readonly through: string
    readonly project: string
    readonly filename: string
    readonly who: string
    readonly agent: string
    readonly count: number
    readonly last: string
  }[]
}

interface Prepared {
  readonly address: IndexAddress
  readonly project: string | undefined
}

export const rehearsal = defineCommand<Prepared>({
  name: 'rehearsal',
  summary:
    'Say whom the policies of an index with policy_mode=observe would have refused which file.',
  args: [
    {
      name: 'INDEX',
      doc: 'user/index, or the whole address of an index, with a user and password',
    },
    { name: 'PROJECT', doc: 'one project; otherwise all', isOptional: true },
  ],
  options: [serverOption, jsonOption],
  examples: ['wheelyard rehearsal https://ada:secret@packages.example.org/ada/dev'],

  async prepare(given) {
    const [index = '', project] = given.args
    const address = readIndexArgument(index, given)
    if (typeof address === 'string') throw new UsedWrongly([address])
    return { address, project }
  },

  async run({ address, project }, given) {
    await using client = openClient(address.server)
    const query = project === undefined ? '' : `?project=${encodeURIComponent(project)}`
    const found = (await client.get(`${address.index}/+rehearsal${query}`)) as Rehearsal
    const { stdout } = given.world
    if (hasFlag(given, 'json')) printJson(given.world, found)
    else if (found.hits.length === 0) stdout.write(`Nobody would have been refused anything.\n`)
    else printTable(given.world, found.hits.map(rowOf))
    return 0
  },
})

const rowOf = (hit: Rehearsal['hits'][number]): string[] => [
  hit.last.slice(0, 16).replace('T', ' '),
  hit.count === 1 ? 'once' : `${hit.count} times`,
  `${hit.who} (${hit.agent})`,
  hit.filename,
  `${hit.policy}: ${hit.reason}`,
]
