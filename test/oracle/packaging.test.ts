/**
 * Our reading of PEP 440 beside that of the `packaging` library (26), which is pip's.
 * Until 26.0 it answered "no" for pre-releases that nobody had asked for; a failure here after an update of the
 * pinned version may be such a change of mind.
 */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import { matches, parseSpecifiers } from '#python/specifier'
import {
  canonicalVersion,
  compareVersions,
  isPrerelease,
  parseVersion,
  printVersion,
} from '#python/version'
import { pythonEnvironment } from '../support/python-env.ts'
import { closeTexts, nearlyVersionText, specifierText } from '../support/version-texts.ts'

type Question = readonly [left: string, right: string, specifiers: string]

interface Answer {
  readonly normal: string | null
  readonly canonical: string | null
  readonly order: number | null
  readonly isPrerelease: boolean | null
  readonly isSpecifierSet: boolean
  readonly contains: boolean | null
  readonly containsFinal: boolean | null
}

test('on ten thousand pairs, order, normal forms and specifiers are those of packaging', async () => {
  const { python } = await pythonEnvironment()
  const questions = generateQuestions()

  const theirs = askPackaging(python, questions)

  assert.equal(theirs.length, questions.length)
  for (const [i, question] of questions.entries()) {
    assert.deepEqual(answer(question), theirs[i], JSON.stringify(question))
  }
  assertTelling(theirs)
})

function generateQuestions(): readonly Question[] {
  const anyTexts = fc.tuple(nearlyVersionText, nearlyVersionText, specifierText)
  return fc.sample(fc.oneof(anyTexts, closeTexts), { numRuns: 10_000, seed: 440 })
}

function askPackaging(python: string, questions: readonly Question[]): readonly Answer[] {
  const { status, stdout, stderr } = spawnSync(
    python,
    ['-I', join(import.meta.dirname, 'packaging_answers.py')],
    {
      input: questions.map((question) => JSON.stringify(question) + '\n').join(''),
      encoding: 'utf8',
      maxBuffer: 64 * 1024 * 1024,
    },
  )
  assert.equal(status, 0, stderr)
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Answer)
}

function answer([left, right, specifiers]: Question): Answer {
  const a = parseVersion(left)
  const b = parseVersion(right)
  const set = parseSpecifiers(specifiers)
  return {
    normal: a ? printVersion(a) : null,
    canonical: a ? canonicalVersion(a) : null,
    order: a && b ? Math.sign(compareVersions(a, b)) : null,
    isPrerelease: a ? isPrerelease(a) : null,
    isSpecifierSet: set !== undefined,
    contains: a && set ? matches(set, a) : null,
    containsFinal: a && set ? matches(set, a, { prereleases: false }) : null,
  }
}

/** A comparison of questions that all have the same answer would show nothing. */
function assertTelling(answers: readonly Answer[]): void {
  function seen(key: keyof Answer, value: Answer[keyof Answer]): number {
    return answers.filter((answer) => answer[key] === value).length
  }
  assert.ok(seen('normal', null) > 100, 'some texts are no versions')
  assert.ok(seen('order', 0) > 50, 'some pairs are equal')
  assert.ok(seen('isSpecifierSet', false) > 200, 'some specifiers are invalid')
  assert.ok(seen('contains', true) > 1000 && seen('contains', false) > 1000)
}
