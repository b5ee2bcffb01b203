/** Generated stories, told to Wheelyard and to devpi-server: the same answers, whatever was done before. */
import { test } from 'node:test'
import { tellGenerated } from './tell-generated.ts'

test('whatever is done, both servers answer the same', async () => {
  await tellGenerated({ seed: 4, runs: 40, timeLimitMs: 80_000 })
})
