/** Policies by licence: own files as they were uploaded, mirrored ones by the metadata of their wheels. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { POLICED_STAGE as STAGE, startPolicedWorld } from '../support/policies.ts'
import { sendFile } from '../support/upload.ts'
import { makeSdist, makeWheel } from '../support/wheel.ts'

const licensed = (version: string, licence: string) =>
  makeWheel('anchor', version, { headers: [`License-Expression: ${licence}`] })

const mit = licensed('1.0', 'MIT')
const source = makeSdist('anchor', '1.0')
const gpl = licensed('2.0', 'GPL-3.0-only')
const dual = licensed('3.0', 'MIT OR GPL-3.0-only')
const silent = makeWheel('anchor', '4.0')
const onlySource = makeSdist('anchor', '5.0')
const upstream = {
  anchor: [mit, source, gpl, dual, silent, onlySource].map((built) => ({ built })),
}
const names = (...files: readonly { readonly filename: string }[]): string[] =>
  files.map(({ filename }) => filename).sort()

for (const [options, shown] of [
  [{ allow_licences: ['MIT'] }, names(mit, source, dual)],
  [{ allow_licences: 'mit, gpl-3.0-only' }, names(mit, source, gpl, dual)],
  [{ allow_licences: 'MIT, GPL-3.0' }, names(mit, source, gpl, dual)],
  [{ allow_licences: ['LicenseRef-Own'] }, []],
  [{ deny_licences: ['GPL-3.0-only'] }, names(mit, source, dual)],
  [{ deny_licences: ['MIT', 'GPL-3.0-only'] }, []],
] as const) {
  test(`mirrored files with ${JSON.stringify(options)}`, async () => {
    await using world = await startPolicedWorld(upstream)
    await world.set(options)
    assert.deepEqual(await world.shown('anchor'), shown)
  })
}

test('own files are chosen by what they said when they were uploaded', async () => {
  await using world = await startPolicedWorld({})
  for (const [file, version] of [
    [mit, '1.0'],
    [gpl, '2.0'],
    [silent, '4.0'],
  ] as const) {
    await sendFile(world.api, STAGE, file, { name: 'anchor', version })
  }
  await world.set({ allow_licences: ['MIT'] })
  assert.deepEqual(await world.shown('anchor'), names(mit))
  const { result } = await world.api.get(`/${STAGE}/+explain/anchor`)
  const reasons = result.files.flatMap(
    ({ hidden_by: hidden }: { hidden_by?: { reason: string } }) => hidden?.reason ?? [],
  )
  assert.deepEqual(reasons, ['it does not tell its licence', 'its licence is GPL-3.0-only'])
})

test('what older metadata calls a licence is named in quotes', async () => {
  await using world = await startPolicedWorld({})
  const loose = makeWheel('anchor', '1.0', { headers: ['License: BSD-like'] })
  await sendFile(world.api, STAGE, loose, { name: 'anchor', version: '1.0' })
  await world.set({ allow_licences: '"BSD-like", MIT' })
  assert.deepEqual(await world.shown('anchor'), names(loose))
  await world.set({ allow_licences: 'MIT' })
  assert.deepEqual(await world.shown('anchor'), [])
})

for (const [member, problem] of [
  ['MIT OR Zlib', /^name one licence each: there is an expression at character 5/],
  ['GPL', /^it is no SPDX identifier; near are GPL-2\.0-only, GPL-2\.0-or-later, GPL-3\.0-only, /],
  ['MTI', /^it is no SPDX identifier; near are MIT\./],
  ['Frobnicate', /^it is no SPDX identifier\. What older metadata calls so is named in quotes/],
  ['""', /^it is no SPDX identifier/],
] as const) {
  test(`${member} in a list of licences is refused with its position`, async () => {
    await using world = await startPolicedWorld({})
    const json = { deny_licences: ['MIT', member] }
    const reply = await world.api.patch(`/${STAGE}`, { as: 'ada', json })
    assert.equal(reply.status, 400)
    const begin = `'deny_licences' has a mistake in member 2, '${member}': `
    const message = reply.message ?? ''
    assert.ok(message.startsWith(begin), message)
    assert.match(message.slice(begin.length), problem)
  })
}
