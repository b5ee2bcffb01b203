/**
 * The comparison with devpi-server, by hand: `node scripts/oracle.ts [STORY …]` tells stories (all, or those whose
 * name holds a word) and prints every fault.
 */
import { parseArgs } from 'node:util'
import { startPair } from '../test/oracle/pair.ts'
import { stories } from '../test/oracle/stories.ts'

const { positionals: words } = parseArgs({ allowPositionals: true })

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
