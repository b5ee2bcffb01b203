/** Runs one measure in this process and prints its figures as JSON; `run.ts` starts it on the load's core. */
import { measures } from './measures.ts'

const [name] = process.argv.slice(2)
const found = measures.find((measure) => measure.name === name)
if (!found) throw new Error(`there is no measure '${name}'`)

try {
  const module = await found.load()
  const figures = await module.measure((line) => console.error(`  ${line}`))
  console.log(JSON.stringify(figures))
} catch (error) {
  console.error(error)
  process.exitCode = 1
}
// A pooled connection that is still open is no reason to stay.
process.exit()
