/** Known-bad releases: advisories hide them from every page, and refuse them also where they lie already. */
import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { advisory, fixedIn, osvZip } from '../support/advisories.ts'
import {
  POLICED_MIRROR as MIRROR,
  startPolicedWorld,
  type PolicedWorld,
} from '../support/policies.ts'
import { body, startFakeUpstream } from '../support/fake-upstream.ts'
import { makeTempFolder } from '../support/temp.ts'
import { sendFile } from '../support/upload.ts'
import { makeWheel } from '../support/wheel.ts'

const TARGET = 'ada/prod'

const first = makeWheel('anchor', '1.0')
const second = makeWheel('anchor', '1.1')
const anchor = { anchor: [{ built: first }, { built: second }] }

const evil = advisory('MAL-2026-1', 'Anchor', { versions: ['1.1'] }, { aliases: ['GHSA-9'] })
const weak = fixedIn('GHSA-1', 'anchor', '1.1', { aliases: ['CVE-2026-1'] })

/** On a server that knows both. */
async function start(config = {}): Promise<PolicedWorld & { readonly file: string }> {
  const folder = await makeTempFolder('osv')
  const file = await folder.write('osv/all.zip', osvZip(evil, weak))
  const world = await startPolicedWorld(anchor, { advisories: [folder.join('osv')], ...config })
  return {
    ...world,
    file,
    async [Symbol.asyncDispose]() {
      await world[Symbol.asyncDispose]()
      await folder.remove()
    },
  }
}

test('a malicious release is on no page, and refused also where it was served before', async () => {
  await using world = await start()
  const mirrored = await world.pathOf(second.filename, 'anchor')
  assert.equal((await world.api.get(mirrored, { accept: '*/*' })).status, 200)

  await world.set({ advisories: 'malicious' }, MIRROR)

  assert.deepEqual(await world.shown('anchor'), [first.filename])
  assert.deepEqual(await world.shown('anchor', MIRROR), [first.filename])
  const refused = await world.api.get(mirrored)
  assert.equal(refused.status, 403)
  assert.match(
    refused.text,
    /policy advisories of ada\/mirror: MAL-2026-1 \(GHSA-9\) says that it is malicious/,
  )
})

test('of several advisories on a release the one that calls it malicious is named', async () => {
  await using folder = await makeTempFolder('osv')
  await folder.write('osv/all.zip', osvZip(fixedIn('GHSA-0', 'anchor', '2.0'), evil))
  await using world = await startPolicedWorld(anchor, { advisories: [folder.join('osv')] })
  await world.set({ advisories: 'all' })

  const { result } = await world.api.get('/ada/dev/+explain/anchor')

  assert.deepEqual(
    result.files.map(({ hidden_by: { reason } }: { hidden_by: { reason: string } }) => reason),
    ['MAL-2026-1 (GHSA-9) says that it is malicious', 'GHSA-0 says that it is vulnerable'],
  )
})

test('vulnerable releases are hidden where all advisories count', async () => {
  await using world = await start()
  await world.set({ advisories: 'all' })
  assert.deepEqual(await world.shown('anchor'), [])
  await world.set({ advisories: 'off' })
  assert.deepEqual(await world.shown('anchor'), [first.filename, second.filename])
})

test('an advisory is exempted by its id or an alias, a project by its name', async () => {
  await using world = await start()
  await world.set({ advisories: 'all', advisories_exempt: 'cve-2026-1' })
  assert.deepEqual(await world.shown('anchor'), [first.filename])
  await world.set({ advisories_exempt: ['GHSA-9', 'GHSA-1'] })
  assert.deepEqual(await world.shown('anchor'), [first.filename, second.filename])
  await world.set({ advisories_exempt: 'Anchor' })
  assert.deepEqual(await world.shown('anchor'), [first.filename, second.filename])
})

test('an own project of the same name is not meant, but what was pushed from a mirror is', async () => {
  await using world = await start()
  await world.api.makeIndex(TARGET, { volatile: true, advisories: 'malicious' })
  await world.api.makeIndex('ada/own', { advisories: 'malicious' })
  const fields = { name: 'anchor', version: '1.1' }
  assert.equal((await sendFile(world.api, 'ada/own', second, fields)).status, 200)
  assert.deepEqual(await world.shown('anchor', 'ada/own'), [second.filename])

  const json = { name: 'anchor', version: '1.1', targetindex: TARGET }
  assert.equal((await world.api.push(`/${MIRROR}`, { as: 'ada', json })).status, 200)
  assert.deepEqual(await world.shown('anchor', TARGET), [])
})

test('a release that fixes a vulnerability need not cool down, unless it is malicious itself', async () => {
  await using world = await start()
  await world.set({ cooldown: '7d', cooldown_exempt_fixes: true })
  assert.deepEqual(await world.shown('anchor'), [], 'MAL-2026-1 is about the fix')
  await writeFile(world.file, osvZip(weak))
  await world.api.restart()
  assert.deepEqual(await world.shown('anchor'), [second.filename])
  await world.set({ cooldown_exempt_fixes: false })
  assert.deepEqual(await world.shown('anchor'), [])
})

test('new advisories count at once, without a restart', async () => {
  await using world = await start({ advisoriesInterval: 20 })
  await world.set({ advisories: 'malicious' })
  assert.deepEqual(await world.shown('anchor'), [first.filename])
  const worse = advisory('MAL-2026-2', 'anchor', {})
  await writeFile(world.file, osvZip(evil, weak, worse))
  while ((await world.shown('anchor')).length > 0) await setImmediate()
})

test('as long as no advisories were read, nothing of a mirror is shown', async () => {
  await using feed = await startFakeUpstream(body('nothing good'))
  await using world = await start({ advisories: [feed.url('/all.zip')], advisoriesInterval: 20 })
  await world.set({ advisories: 'malicious' })
  assert.deepEqual(await world.shown('anchor'), [])
  feed.answerWith(body(osvZip(evil)))
  while ((await world.shown('anchor')).length === 0) await setImmediate()
  assert.deepEqual(await world.shown('anchor'), [first.filename])
})

test('on a server without advisories the policy hides what comes from mirrors, and says why', async () => {
  await using world = await startPolicedWorld(anchor)
  const path = await world.pathOf(first.filename, 'anchor')
  await world.set({ advisories: 'malicious' }, MIRROR)
  const refused = await world.api.get(path)
  assert.equal(refused.status, 403)
  assert.match(refused.text, /the server has no --advisories/)
})

test('mistakes in the options are refused', async () => {
  await using world = await start()
  const mistakes = [{ advisories: 'some' }, { advisories_exempt: ['GHSA-1', 'a b'] }]
  const [word, member] = await Promise.all(
    mistakes.map((json) => world.api.patch('/ada/dev', { as: 'ada', json })),
  )
  assert.match(word?.message ?? '', /must be one of malicious, all, off, not 'some'/)
  assert.match(member?.message ?? '', /member 2, 'a b'/)
})
