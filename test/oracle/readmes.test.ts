/** Our reStructuredText beside docutils, as PyPI uses it, on real READMEs. */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { renderRst } from '#readme/rst'
import { fetchedWheels } from '../support/fetched-wheels.ts'
import { runProcess } from '../support/process.ts'
import { pythonEnvironment } from '../support/python-env.ts'
import { structureOf } from './html-structure.ts'

interface Readme {
  readonly name: string
  readonly text: string
  /** PyPI's; null where it shows the text as it is. */
  readonly html: string | null
  readonly warnings: string
}

const LEAST_READMES = 100
const LEAST_SAME = 0.95

test('real READMEs have the same structure as on PyPI', async (t) => {
  const readmes = await readReadmes()
  assert.ok(readmes.length >= LEAST_READMES, `only ${readmes.length} READMEs`)

  const differences = readmes.flatMap((readme) => findDifference(readme) ?? [])

  const same = readmes.length - differences.length
  t.diagnostic(`${same} of ${readmes.length} READMEs have the same structure`)
  for (const difference of differences) t.diagnostic(difference)
  assert.ok(same / readmes.length >= LEAST_SAME, differences.join('\n'))
})

async function readReadmes(): Promise<readonly Readme[]> {
  const { python } = await pythonEnvironment()
  const folder = await fetchedWheels('readmes')
  const script = join(import.meta.dirname, 'readmes_docutils.py')
  const run = await runProcess(python, ['-I', script, folder], {
    env: {},
    timeoutMs: 5 * 60_000,
  })
  assert.equal(run.code, 0, run.output)
  return run.stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Readme)
}

function findDifference({ name, text, html, warnings }: Readme): string | undefined {
  const ours = renderRst(text)
  if (ours.failed || html === null) {
    if (ours.failed && html === null) return undefined
    return `${name}: ${ours.failed ? `refused here: ${ours.warnings.join()}` : `refused there: ${warnings}`}`
  }
  const here = structureOf(ours.html)
  const there = structureOf(html)
  const at = here.findIndex((line, i) => line !== there[i])
  if (at < 0 && here.length === there.length) return undefined
  const from = Math.max(0, (at < 0 ? here.length : at) - 2)
  return `${name}: here ${here.slice(from, from + 5).join(' ')}, there ${there.slice(from, from + 5).join(' ')}`
}
