/**
 * The comparison with devpi-server, by hand: `node scripts/oracle.ts [STORY …]` tells stories (all, or those whose
 * name holds a word) and prints every fault. `--seeds N` tells generated ones: 100 for each of N seeds, from
 * `--first` on; `--shrink` looks for a shorter story once one is answered differently.
 */
import { parseArgs } from 'node:util'
import { startPair } from '../test/oracle/pair.ts'
import { stories } from '../test/oracle/stories.ts'
import { tellGenerated } from '../test/oracle/tell-generated.ts'

const { positionals: words, values } = parseArgs({
  allowPositionals: true,
  options: {
    seeds: { type: 'string' },
    first: { type: 'string', default: '1' },
    shrink: { type: 'boolean', default: false },
  },
})

if (values.seeds === undefined) await tellStories()
else await tellSeeds(Number(values.first), Number(values.seeds))

async function tellStories(): Promise<void> {
  let told = 0
  let faults = 0
  for (const story of stories) {
    if (words.length > 0 && !words.some((word) => story.name.includes(word))) continue
    await using pair = await startPair(story)
    for (const { title, steps } of story.chapters) {
      const found = await pair.tell(steps)
      if (found.length > 0) console.log(`\n# ${story.name}: ${title}\n${found.join('\n')}`)
      faults += found.length
    }
    told += pair.told
  }
  console.log(`${told} steps, ${faults} faults`)
  process.exitCode = faults > 0 || told === 0 ? 1 : 0
}

/** Ends with the first fault: fast-check says which seed and path lead to it again. */
async function tellSeeds(first: number, count: number): Promise<void> {
  for (let seed = first; seed < first + count; seed++) {
    const told = await tellGenerated({ seed, runs: 100, shrinks: values.shrink })
    console.log(`seed ${seed}: ${told} steps`)
  }
}
