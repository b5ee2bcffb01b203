/** Pushing many releases, or a whole list of requirements, in one request. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { refuse } from '#base/refusal'
import type { Api, Json, Reply } from '../support/api.ts'
import { addExtras, pathOf, sdist, sendRelease, SOURCE } from '../support/push.ts'
import { startIndexes, TARGET, wheel } from '../support/push.ts'
import { sendFile, stateOf } from '../support/upload.ts'
import { makeSdist, makeWheel } from '../support/wheel.ts'

const pushMany = (api: Api, body: Json, index = SOURCE): Promise<Reply> =>
  api.ask('PUSH', `/${index}`, { as: 'ada', json: { targetindex: TARGET, ...body } })

async function start(target = {}): Promise<Api> {
  const api = await startIndexes(target)
  await sendRelease(api)
  for (const version of ['1.0', '1.4', '2.0', '3.0rc1']) {
    await sendFile(api, SOURCE, makeSdist('bar', version), { name: 'bar', version })
  }
  return api
}

const versionsOf = async (api: Api, project: string, index = TARGET): Promise<string[]> => {
  const { status, result } = await api.get(`/${index}/${project}?ignore_bases`)
  return status === 200 ? Object.keys(result).sort() : []
}

test('a list of releases is pushed, each in a change of its own', async () => {
  await using api = await start()
  const { serial } = api
  const releases = [
    { name: 'foo', version: '1.0' },
    { name: 'Bar', version: '2.0' },
  ]

  const { status, json } = await pushMany(api, { releases })

  assert.equal(status, 200)
  assert.equal(json.type, 'actionlog')
  assert.deepEqual(json.result, [
    [200, 'register', 'foo', '1.0', '->', TARGET],
    [200, 'store_releasefile', pathOf(wheel)],
    [200, 'store_releasefile', pathOf(sdist)],
    [200, 'register', 'Bar', '2.0', '->', TARGET],
    [200, 'store_releasefile', pathOf(makeSdist('bar', '2.0'))],
  ])
  assert.equal(api.serial, serial + 2)
})

test('a list of requirements names releases as pip would choose them', async () => {
  await using api = await start()
  const requirements = `# what we run
foo==1.0.0 --hash=sha256:${wheel.sha256}
bar>=1,<2 ; python_version >= "3.9"
`

  const { status, result } = await pushMany(api, { requirements })

  assert.equal(status, 200)
  assert.deepEqual(result, [
    [200, 'register', 'foo', '1.0', '->', TARGET],
    [200, 'store_releasefile', pathOf(wheel)],
    [200, 'register', 'bar', '1.4', '->', TARGET],
    [200, 'store_releasefile', pathOf(makeSdist('bar', '1.4'))],
  ])
})

for (const [requirement, version] of [
  ['bar', '2.0'],
  ['bar!=2.0', '1.4'],
  ['bar~=1.0', '1.4'],
  ['bar==1.*', '1.4'],
  ['bar>=3.0rc1', '3.0rc1'],
  ['bar===1.0', '1.0'],
  ['bar==3.0rc1', '3.0rc1'],
] as const) {
  test(`${requirement} means bar ${version}`, async () => {
    await using api = await start()

    await pushMany(api, { requirements: requirement })

    assert.deepEqual(await versionsOf(api, 'bar'), [version])
  })
}

test('the same again changes nothing and is no error; what is missing is added', async () => {
  await using api = await start()
  await sendFile(api, TARGET, wheel)
  await addExtras(api)
  const requirements = 'foo==1.0\nbar==1.4'

  const first = await pushMany(api, { requirements })
  const before = await stateOf(api)
  const second = await pushMany(api, { requirements })

  assert.equal(first.status, 200)
  assert.deepEqual(
    first.result.map(([, what]: string[]) => what),
    ['register', 'store_releasefile', 'store_doczip', 'register', 'store_releasefile'],
  )
  assert.deepEqual(
    [second.status, second.result],
    [
      200,
      [
        [200, 'unchanged', 'foo', '1.0', '->', TARGET],
        [200, 'unchanged', 'bar', '1.4', '->', TARGET],
      ],
    ],
  )
  assert.deepEqual(await stateOf(api), before)
})

test('one that fails does not keep the others back, and the status is that of the worst', async () => {
  await using api = await start()
  await sendFile(api, TARGET, makeWheel('foo', '1.0', { content: 'other = True' }))

  const { status, result } = await pushMany(api, { requirements: 'nope\nfoo\nbar==1.4\nbar>=9' })

  assert.equal(status, 409)
  const refused = (requirement: string) =>
    refuse('push-no-match', { requirement, index: SOURCE }).message
  assert.deepEqual(result, [
    [404, 'push', 'nope', 'nope', refused('nope')],
    [409, 'push', 'foo', 'foo', refuse('push-file-exists', { filename: wheel.filename }).message],
    [200, 'register', 'bar', '1.4', '->', TARGET],
    [200, 'store_releasefile', pathOf(makeSdist('bar', '1.4'))],
    [404, 'push', 'bar', 'bar>=9', refused('bar>=9')],
  ])
})

test('the bases of the index are looked through, as for who installs', async () => {
  await using api = await start()
  await api.makeIndex('ada/top', { bases: [SOURCE] })
  await sendFile(api, 'ada/top', makeSdist('own', '1.0'), { name: 'own' })

  const { status, result } = await pushMany(api, { requirements: 'own\nbar==1.4' }, 'ada/top')
  const exact = await pushMany(api, { releases: [{ name: 'bar', version: '2.0' }] }, 'ada/top')

  assert.deepEqual([status, exact.status], [200, 200])
  assert.equal(result.length, 4)
  const { result: pushed } = await api.get(`/${TARGET}/bar/1.4`)
  assert.equal(pushed['+links'][0].log.at(-1).src, SOURCE)
})

test('files whose hash is not in the list stay behind', async () => {
  await using api = await start()

  const { status, result } = await pushMany(api, {
    requirements: `foo==1.0 --hash=sha256:${'0'.repeat(64)}`,
  })

  assert.equal(status, 404)
  assert.equal(result[0][1], 'push')
  assert.deepEqual(await versionsOf(api, 'foo'), [])
})

test('a list that can’t be understood is refused as a whole, and says where', async () => {
  await using api = await start()
  const before = await stateOf(api)
  const foo = { name: 'foo', version: '1.0' }

  for (const [body, status, message] of [
    [{ requirements: 'foo\nbar @ https://example.org/' }, 400, /^requirements, line 2: .* address/],
    [{ requirements: '-r other.txt' }, 400, /^requirements, line 1: .* option/],
    [{ requirements: '# nothing' }, 400, /the list is empty/],
    [{ requirements: 7 }, 400, /'requirements' must be a text/],
    [{ releases: [] }, 400, /the list is empty/],
    [{ releases: foo }, 400, /'releases' must be a list/],
    [{ releases: [foo, 'foo'] }, 400, /^release 2 must be an object/],
    [{ releases: [foo, { name: 'foo' }] }, 400, /'version'/],
    [{ releases: [{ ...foo, targetindex: 'x/y' }] }, 400, /what is 'targetindex'/],
    [{ releases: Array.from({ length: 1001 }, () => foo) }, 400, /more than 1000/],
    [{ releases: [foo], requirements: 'foo' }, 400, /together/],
    [{ releases: [foo], name: 'foo' }, 400, /^unknown additional options: name$/],
    [{ releases: [foo], no_docs: true, only_docs: true }, 400, /together/],
    [{ releases: [foo], targetindex: 'nope' }, 400, /targetindex/],
    [{ releases: [foo], targetindex: undefined, posturl: 'http://x/' }, 400, /unknown/],
    [{ releases: [foo], targetindex: 'no/pe' }, 404, /could not be found/],
    [{ releases: [foo], targetindex: 'root/pypi' }, 404, /could not be found/],
  ] as const) {
    const reply = await pushMany(api, body)
    assert.equal(reply.status, status, JSON.stringify(body).slice(0, 200))
    assert.match(reply.message ?? '', message)
  }
  assert.deepEqual(await stateOf(api), before)
})

test('who may not upload to the target is refused before anything is looked at', async () => {
  await using api = await start({ acl_upload: ['bob'] })

  const { status, message } = await pushMany(api, { requirements: 'foo' })

  const expected = refuse('push-forbidden', { user: 'ada', index: TARGET }).message
  assert.deepEqual([status, message], [401, expected])
})
