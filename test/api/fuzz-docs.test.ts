/** Documentation whose zip was changed somewhere: it is refused or kept, and whatever is asked of it, the server answers. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { sha256 } from '#base/digest'
import { startApi } from '../support/api.ts'
import { asDocs, sendDocs } from '../support/docs.ts'
import { fuzzRuns } from '../support/fuzz.ts'
import { INDEX, urlOf } from '../support/upload.ts'
import { makeZip } from '../support/zip.ts'

const whole = makeZip([
  { name: 'index.html', content: '<html><head></head>x</html>' },
  { name: 'a/', mode: 0o040755 },
  { name: 'a/b.js', content: 'x'.repeat(300), method: 'store' },
  { name: 'a/c.txt', content: 'y'.repeat(3000), dataDescriptor: true },
])

/** Most changes near the directory, where they mean something. */
const change = fc.record({
  at: fc.oneof(
    fc.nat(whole.length - 1),
    fc.integer({ min: whole.length - 250, max: whole.length - 1 }),
  ),
  byte: fc.oneof(fc.nat(255), fc.constantFrom(0, 1, 0x2e, 0x2f, 0x5c, 0x7f, 0x80, 0xff)),
})
const mutated = fc
  .record({
    changes: fc.array(change, { minLength: 1, maxLength: 6 }),
    cut: fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(300) }),
  })
  .map(({ changes, cut }) => {
    const bytes = Buffer.from(whole)
    for (const { at, byte } of changes) bytes[at] = byte
    return bytes.subarray(0, bytes.length - cut)
  })

test('a zip that was changed anywhere never makes the server fail', async () => {
  await using api = await startApi()
  await api.makeIndex(INDEX, { volatile: true })
  const found = new Set<number>()

  await fc.assert(
    fc.asyncProperty(mutated, async (bytes) => {
      const { serial } = api
      const sent = await sendDocs(api, asDocs(bytes))
      found.add(sent.status)
      assert.ok(sent.status === 200 || sent.status === 400, `${sent.status} ${sent.reason}`)
      if (sent.status === 400) assert.equal(api.serial, serial)

      for (const path of ['index.html', 'a/b.js', 'a/c.txt', 'a', 'nope']) {
        const page = `/${INDEX}/foo/latest/+doc/${path}`
        for (const accept of ['*/*', 'text/html']) {
          const { status } = await api.get(page, { accept })
          assert.ok([200, 404].includes(status), `${status} ${path}`)
        }
      }
      if (sent.status === 200) {
        const zip = { sha256: sha256(bytes), filename: 'foo-1.0.doc.zip' }
        assert.deepEqual((await api.get(urlOf(zip), { accept: '*/*' })).bytes, bytes)
      }
    }),
    fuzzRuns(300),
  )
  assert.deepEqual(
    [...found].toSorted((a, b) => a - b),
    [200, 400],
  )
})
