/** For which mirrors an origin was asked, in every process of the server. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { soleCrew, type Crew, type Told } from '#base/crew'
import { Askers } from './askers.ts'

/** Processes that hear at once what the others say. */
function makeCrews(count: number): Crew[] {
  const hearers: ((news: Told) => void)[] = []
  const answerers: (() => Told)[] = []
  return Array.from({ length: count }, (_, own): Crew => {
    return {
      ...soleCrew,
      onCast: (_topic, hear) => void (hearers[own] = hear),
      cast: (_topic, news) => hearers.forEach((hear, at) => at !== own && hear(news)),
      onGather: (_topic, answer) => void (answerers[own] = answer),
      gather: () =>
        Promise.resolve(answerers.flatMap((answer, at) => (at === own ? [] : [answer()]))),
    }
  })
}

test('what one process asks, the others know, and those that begin later', async () => {
  const [one, two, late] = makeCrews(3)
  const [first, second] = [new Askers(one), new Askers(two)]
  first.note('http://files.example', 'http://up.example/simple/')
  first.note('http://files.example', 'http://other.example/simple/')
  const third = new Askers(late)
  await Promise.resolve()

  for (const askers of [first, second, third]) {
    assert.deepEqual(
      [...askers.of('http://files.example')],
      ['http://up.example/simple/', 'http://other.example/simple/'],
    )
  }
  assert.equal(second.of('http://up.example').size, 0)
})

test('only what is new counts as a change', () => {
  const askers = new Askers()
  askers.note('http://up.example', 'http://up.example/simple/')
  const { revision } = askers
  askers.note('http://up.example', 'http://up.example/simple/')
  assert.equal(askers.revision, revision)
  askers.note('http://up.example', 'http://up.example/own/')
  assert.notEqual(askers.revision, revision)
})
