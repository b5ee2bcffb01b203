/** Our reStructuredText beside docutils, as PyPI uses it: on real READMEs, and on what becomes of them by mistakes. */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import { renderSource } from '#readme/render'
import { renderRst } from '#readme/rst'
import { fetchedWheels } from '../support/fetched-wheels.ts'
import { runProcess } from '../support/process.ts'
import { pythonEnvironment } from '../support/python-env.ts'
import { structureOf } from './html-structure.ts'
import { mistakenReadme } from './mistaken-readme.ts'

interface Readme {
  readonly name: string
  readonly text: string
}

interface Answer {
  /** Null where PyPI shows the text as it is. */
  readonly html: string | null
  readonly warnings: string
}

const LEAST_READMES = 100
const LEAST_SAME = 0.95
const MISTAKEN = 1000

test('real READMEs have the same structure as on PyPI', async (t) => {
  const readmes = await readReadmes()
  assert.ok(readmes.length >= LEAST_READMES, `only ${readmes.length} READMEs`)

  const answers = await askPyPI(readmes.map(({ text }) => text))

  const differences = findDifferences(readmes, answers)
  const same = readmes.length - differences.length
  t.diagnostic(`${same} of ${readmes.length} READMEs have the same structure`)
  for (const difference of differences) t.diagnostic(difference)
  assert.ok(same / readmes.length >= LEAST_SAME, differences.join('\n'))
})

test('READMEs with mistakes are refused where PyPI refuses them, and have its structure else', async (t) => {
  const readmes = await readReadmes()
  const texts = fc.sample(mistakenReadme(readmes), { numRuns: MISTAKEN, seed: 22 })

  const answers = await askPyPI(texts)

  const refused = answers.filter(({ html }) => html === null).length
  const named = texts.map((text) => ({ name: JSON.stringify(text), text }))
  const differences = findDifferences(named, answers)
  t.diagnostic(`${MISTAKEN - differences.length} of ${MISTAKEN} alike, ${refused} refused by PyPI`)
  assert.ok(refused > MISTAKEN / 5 && refused < (MISTAKEN * 4) / 5, `${refused} refused`)
  assert.ok(differences.length <= MISTAKEN * (1 - LEAST_SAME), differences.join('\n'))
})

test('sanitising takes no element of real READMEs away but links and images', async () => {
  for (const { name, text } of await readReadmes()) {
    const type = { kind: 'rst', isCommonMark: false, isAssumed: false } as const

    const { html } = renderSource({ text, type, images: 'show' })

    assert.deepEqual(elementsOf(html), elementsOf(renderRst(text).html), name)
  }
})

/** All but links and images, which may lead nowhere from where the text is shown. */
function elementsOf(html: string): string[] {
  return structureOf(html).filter((line) => /^<\/?(?!a>|img>)[a-z0-9]+>$/.test(line))
}

let known: Promise<readonly Readme[]> | undefined

function readReadmes(): Promise<readonly Readme[]> {
  known ??= fetchedWheels('readmes').then((folder) => ask<Readme>('readme_texts.py', [folder], ''))
  return known
}

function askPyPI(texts: readonly string[]): Promise<readonly Answer[]> {
  const input = texts.map((text) => `${JSON.stringify(text)}\n`).join('')
  return ask<Answer>('rst_answers.py', [], input)
}

async function ask<Line>(
  script: string,
  args: readonly string[],
  input: string,
): Promise<readonly Line[]> {
  const { python } = await pythonEnvironment()
  const file = join(import.meta.dirname, script)
  const options = { env: {}, input, timeoutMs: 5 * 60_000 }
  const run = await runProcess(python, ['-I', file, ...args], options)
  assert.equal(run.code, 0, run.output)
  return run.stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Line)
}

function findDifferences(texts: readonly Readme[], answers: readonly Answer[]): string[] {
  assert.equal(answers.length, texts.length)
  return texts.flatMap(({ name, text }, i) => {
    const answer = answers[i]
    const difference = answer && findDifference(text, answer)
    return difference === undefined ? [] : [`${name}: ${difference}`]
  })
}

function findDifference(text: string, { html, warnings }: Answer): string | undefined {
  const ours = renderRst(text)
  if (ours.failed && html === null) return undefined
  if (ours.failed) return `refused here: ${ours.warnings.join()}`
  if (html === null) return `refused there: ${warnings}`

  const here = structureOf(ours.html)
  const there = structureOf(html)
  const at = here.findIndex((line, i) => line !== there[i])
  if (at < 0 && here.length === there.length) return undefined
  const from = Math.max(0, (at < 0 ? here.length : at) - 2)
  return `${here.slice(from, from + 5).join(' ')} here, ${there.slice(from, from + 5).join(' ')} there`
}
