/** Entries as devpi-servers wrote them over the years; what today's writes is told by following a real one. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openLedger } from '#ledger/open-ledger'
import { keys } from '#registry/keys'
import { verifyPassword } from '#registry/passwords'
import { makeTempFolder } from '../../../test/support/temp.ts'
import { devpiKeys } from './keys.ts'
import { Translator } from './translate.ts'
import type { FileWishes } from './translate-files.ts'
import type { PythonValue } from './values.ts'

const HEX = 'fb428d788e6efaec0123456789abcdef0123456789abcdef0123456789abcdef'
const MD5 = '1e117182437ce13a0123456789abcdef'
const PLACE = 'a+b/dev/+f/fb4/28d788e6efaec'

/** Objects are dicts; all else is as it is. */
function py(value: unknown): PythonValue {
  if (Array.isArray(value)) return value.map(py)
  if (value instanceof Set || typeof value !== 'object' || value === null) {
    return value as PythonValue
  }
  return new Map(Object.entries(value).map(([name, member]) => [name, py(member)]))
}

async function openTranslation() {
  const folder = await makeTempFolder('translate')
  const ledger = await openLedger(folder.path)
  const translator = new Translator()
  let serial = 0
  return {
    ledger,
    /** `KEYNAME path`: value. */
    take: (changes: Readonly<Record<string, unknown>>): Promise<FileWishes> => {
      const entry = {
        serial: serial++,
        changes: Object.entries(changes).map(([key, value]) => {
          const [keyname = '', relpath = ''] = key.split(/ (.*)/s)
          return { keyname, relpath, value: py(value) }
        }),
      }
      return ledger.write('devpi', (tx) => translator.translate(tx, entry))
    },
    async [Symbol.asyncDispose]() {
      await ledger.close()
      await folder.remove()
    },
  }
}

const stage = { type: 'stage', volatile: true, bases: [] }
const mirror = { type: 'mirror', volatile: true, mirror_url: 'https://example.org/simple' }
const user = (indexes: object, more: object = {}) => ({
  created: '2020-01-01T00:00:00Z',
  indexes,
  ...more,
})

test('users of any name keep what they have, and passwords that old servers hashed', async () => {
  await using translation = await openTranslation()
  const { ledger, take } = translation
  // SHA-256 of salt and password.
  const pwhash = 'bede90386d450cea8b77b822f8887065e4e5abf132c2f9dccfcc7fbd4cba5e35'

  await take({
    'USERLIST .config': new Set(['a+b']),
    'USER a+b/.config': {
      ...{
        pwhash,
        pwsalt: 'salt',
        username: 'a+b',
        email: 'a@b.c',
        custom_data: [1, new Set(['x'])],
      },
      indexes: {
        dev: { ...stage, x_own: { deep: [1] }, bases: ['root/x'] },
        odd: { type: 'constrained' },
      },
    },
    'NEWKEY +admin/tokens/1': { secret: 'opaque' },
  })

  const { entry, dev, odd } = await ledger.read(async (tx) => ({
    entry: await tx.get(keys.user('a+b')),
    dev: await tx.get(keys.index('a+b/dev')),
    odd: await tx.get(keys.index('a+b/odd')),
  }))
  assert.deepEqual(entry, {
    ...{ created: '1970-01-01T00:00:00Z', email: 'a@b.c', custom_data: [1, ['x']] },
    pwhash: `$devpi-sha256$c2FsdA==$${pwhash}`,
  })
  assert.ok(await verifyPassword('secret', entry?.pwhash ?? ''))
  assert.equal(await verifyPassword('Secret', entry?.pwhash ?? ''), false)
  assert.deepEqual((dev as unknown as Record<string, unknown>)['x_own'], { deep: [1] })
  assert.equal(odd?.type, 'stage')
})

test('a file lies where its address says, also one of the days of MD5', async () => {
  await using translation = await openTranslation()
  const { ledger, take } = translation
  await take({ 'USER a+b/.config': user({ dev: stage }) })

  const wishes = await take({
    'PROJNAMES a+b/dev/.projects': new Set(['old']),
    'PROJVERSION a+b/dev/old/1.0/.config': {
      ...{ name: 'Old', version: '1.0', summary: 'From before', x_unknown: 'kept nowhere' },
      '+elinks': [
        {
          ...{ rel: 'releasefile', entrypath: 'a+b/dev/+f/1e1/17182437ce13a/old-1.0.zip' },
          ...{ hash_spec: `md5=${MD5}`, hashes: { sha256: HEX } },
          _log: [{ what: 'upload', who: '<import>', when: [2015, 1, 2, 3, 4, 5], dst: 'a+b/dev' }],
        },
        {
          ...{ rel: 'toxresult', entrypath: 'a+b/dev/+f/1e1/17182437ce13a/old-1.0.zip.toxresult0' },
          ...{ hash_spec: '', for_entrypath: 'a+b/dev/+f/1e1/17182437ce13a/old-1.0.zip' },
        },
      ],
    },
  })

  const file = await ledger.read((tx) => tx.get(keys.file('a+b/dev', 'old', 'old-1.0.zip')))
  assert.deepEqual(file?.hashes, { md5: MD5 })
  assert.equal(file?.uploadedAt, '2015-01-02T03:04:05.000Z')
  assert.equal(file?.digest, undefined)
  assert.equal(wishes.wanted.size, 2)
  const project = await ledger.read((tx) => tx.get(keys.project('a+b/dev', 'old')))
  assert.equal(project?.name, 'Old')
})

test('what old servers emptied is gone, as what newer ones delete', async () => {
  for (const empty of [null, {}]) {
    await using translation = await openTranslation()
    const { ledger, take } = translation
    const link = {
      rel: 'releasefile',
      entrypath: `${PLACE}/a-1.0.tar.gz`,
      hash_spec: `sha256=${HEX}`,
    }
    await take({ 'USER a+b/.config': user({ dev: stage }) })
    await take({
      'PROJNAMES a+b/dev/.projects': new Set(['a']),
      'PROJVERSION a+b/dev/a/1.0/.config': { name: 'a', version: '1.0', '+elinks': [link] },
      [`STAGEFILE ${PLACE}/a-1.0.tar.gz`]: { last_modified: 'Sat, 21 Nov 2026 20:32:24 GMT' },
    })

    const wishes = await take({
      'PROJNAMES a+b/dev/.projects': new Set(),
      'PROJVERSION a+b/dev/a/1.0/.config': empty,
      [`STAGEFILE ${PLACE}/a-1.0.tar.gz`]: empty,
    })

    const left = await ledger.read(async (tx) => [
      ...(await tx.listNames(keys.projects('a+b/dev'))),
      ...(await tx.listNames(keys.filesOfIndex('a+b/dev'))),
      ...(await tx.listNames(keys.versionsOfIndex('a+b/dev'))),
      ...(await tx.listNames(devpiKeys.allComing())),
    ])
    assert.deepEqual(left, [])
    assert.deepEqual([...wishes.unwanted], [`${PLACE}/a-1.0.tar.gz`])
  }
})

test("a mirror's file that its page lists again is known, although devpi does not say it again", async () => {
  await using translation = await openTranslation()
  const { ledger, take } = translation
  await take({ 'USER a+b/.config': user({ dev: mirror }) })
  const path = `${PLACE}/pkg-1.0.tar.gz`
  const links = [['pkg-1.0.tar.gz', `${path}#sha256=${HEX}`]]
  const url = 'https://example.org/files/pkg-1.0.tar.gz'
  const page = (more: object) => ({
    serial: 7,
    requires_python: ['>=3.8'],
    yanked: ['broken'],
    ...more,
  })
  const find = () => ledger.read((tx) => tx.get(keys.file('a+b/dev', 'pkg', 'pkg-1.0.tar.gz')))
  await take({
    'PROJSIMPLELINKS a+b/dev/pkg/.simple': page({ links }),
    [`STAGEFILE ${path}`]: { url, hash_spec: `sha256=${HEX}`, project: 'pkg', version: '1.0' },
  })
  const first = await find()

  await take({ 'PROJSIMPLELINKS a+b/dev/pkg/.simple': page({ links: [] }) })
  const gone = await find()
  await take({ 'PROJSIMPLELINKS a+b/dev/pkg/.simple': page({ links, yanked: [null] }) })
  const again = await find()

  assert.equal(gone, undefined)
  assert.deepEqual([first?.yanked, again?.yanked], ['broken', undefined])
  assert.equal(again?.upstream?.url, url)
  assert.deepEqual([again?.digest, again?.requiresPython, again?.version], [HEX, '>=3.8', '1.0'])
  const project = await ledger.read((tx) => tx.get(keys.project('a+b/dev', 'pkg')))
  assert.deepEqual(project?.upstream, {
    from: 'https://example.org/simple/',
    fingerprint: '',
    lastSerial: 7,
  })
})

test('only files that devpi has of a mirror are fetched', async () => {
  await using translation = await openTranslation()
  const { take } = translation
  await take({ 'USER a+b/.config': user({ dev: mirror }) })
  const path = `${PLACE}/pkg-1.0.tar.gz`
  const file = { url: 'https://example.org/pkg-1.0.tar.gz', hash_spec: `sha256=${HEX}` }
  const links = [['pkg-1.0.tar.gz', `${path}#sha256=${HEX}`]]

  const listed = await take({
    'PROJSIMPLELINKS a+b/dev/pkg/.simple': { serial: -1, links },
    [`STAGEFILE ${path}`]: file,
  })
  const fetched = await take({
    [`STAGEFILE ${path}`]: { ...file, last_modified: 'Sat, 21 Nov 2026 20:32:24 GMT' },
  })

  assert.deepEqual([[...listed.wanted.keys()], [...fetched.wanted.keys()]], [[], [path]])
})

test('an index that is made anew with another type has nothing of the old one', async () => {
  await using translation = await openTranslation()
  const { ledger, take } = translation
  await take({ 'USER a+b/.config': user({ dev: stage }) })
  await take({
    'PROJNAMES a+b/dev/.projects': new Set(['a']),
    'PROJVERSION a+b/dev/a/1.0/.config': { name: 'a', version: '1.0' },
  })

  await take({ 'USER a+b/.config': user({ dev: mirror }) })
  await take({ 'USER a+b/.config': null })

  const left = await ledger.read(async (tx) => [
    ...(await tx.listNames(keys.projects('a+b/dev'))),
    ...(await tx.listNames(keys.indexes())),
    ...(await tx.listNames(keys.users())),
    ...(await tx.listNames(keys.removals())),
  ])
  assert.deepEqual(left, [])
})
