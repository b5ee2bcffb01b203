/** Whatever a push says: what is refused is a 4xx and changes nothing. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { fuzzRuns } from '../support/fuzz.ts'
import { sendRelease, SOURCE, startIndexes, TARGET } from '../support/push.ts'

/** Mostly what makes sense, so that a mistake is met in the middle of things. */
const mostly = <T>(value: T) =>
  fc.oneof(
    { weight: 6, arbitrary: fc.constant<unknown>(value) },
    { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 2 }) },
    {
      weight: 1,
      arbitrary: fc.constantFrom<unknown>(undefined, null, '', '\0', '../x', 'é', '%00', '+'),
    },
  )

const flag = fc.option(mostly(true), { nil: undefined, freq: 3 })
const one = fc.record({ name: mostly('foo'), version: mostly('1.0') })
const requirement = fc.oneof(
  fc.constantFrom('foo', 'foo==1.0', 'foo>=1', 'nope', '# x', 'foo \\', '-r x', 'foo[', 'foo;'),
  fc.string({ maxLength: 20, unit: 'binary' }),
)

const single = fc.record({
  name: mostly('foo'),
  version: mostly('1.0'),
  targetindex: mostly(TARGET),
  no_docs: flag,
  only_docs: flag,
})
const external = fc.record({
  name: mostly('foo'),
  version: mostly('1.0'),
  posturl: fc.oneof(
    mostly('x'),
    fc.constantFrom('http://', 'http://[', 'ftp://x', 'file:///', '//x'),
  ),
  username: mostly('jo'),
  password: mostly('pw'),
  register_project: flag,
})
const many = fc.record({
  targetindex: mostly(TARGET),
  releases: fc.option(fc.oneof(fc.array(one, { maxLength: 3 }), fc.jsonValue({ maxDepth: 2 })), {
    nil: undefined,
  }),
  requirements: fc.option(
    fc.array(requirement, { maxLength: 4 }).map((lines) => lines.join('\n')),
    {
      nil: undefined,
    },
  ),
  no_docs: flag,
  only_docs: flag,
})

test('a push of anything is done, or refused without a trace', async () => {
  await using api = await startIndexes({ volatile: true })
  await sendRelease(api)
  const bodies = fc.oneof(single, external, many, fc.jsonValue({ maxDepth: 3 }))

  await fc.assert(
    fc.asyncProperty(bodies, async (json) => {
      const before = api.serial
      const reply = await api.ask('PUSH', `/${SOURCE}`, { as: 'ada', json })
      assert.ok(reply.status < 500, `${reply.status} ${reply.text}`)
      const results: unknown[] = reply.status < 400 ? [] : (reply.json.result ?? [])
      // Of many some may have been pushed.
      if (reply.status >= 400 && results.length === 0) assert.equal(api.serial, before)
    }),
    fuzzRuns(300),
  )
})
