/** Plugins as files that `--plugin` names: the one of the how-to, and those that cannot be used. */
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { StartRefused } from '#base/start-refused'
import { startApi } from '../support/api.ts'
import { makeTempFolder } from '../support/temp.ts'
import { INDEX, plainFields, sendParts, uploadParts } from '../support/upload.ts'
import { makeWheel } from '../support/wheel.ts'
import { startYard } from '../support/yard.ts'

const howTo = join(import.meta.dirname, '..', '..', 'docs', 'how-to', 'write-a-plugin.md')

const startWith = (...plugin: string[]) => startApi({ config: { plugin } })

async function exampleOfHowTo(): Promise<string> {
  const [, example = ''] = /```ts\n(.*?)```/s.exec(await readFile(howTo, 'utf8')) ?? []
  return example
}

test('the plugin of the how-to hides files, judges passwords and hears of indexes', async () => {
  await using folder = await makeTempFolder('plugin')
  const file = await folder.write('acme.ts', await exampleOfHowTo())
  await using yard = await startYard({
    args: ['--plugin', file],
    env: { ACME_PASSWORD: 'elsewhere' },
    stages: ['ada/dev'],
  })
  const login = async (password: string): Promise<number> => {
    const body = JSON.stringify({ user: 'acme-eve', password })
    return (await fetch(yard.url('+login'), { method: 'POST', body })).status
  }

  await yard.logged(/"acme":"index-created"/)
  assert.deepEqual([await login('elsewhere'), await login('wrong')], [200, 401])
})

test('what a plugin hides is told by its name, and its option is refused where it is wrong', async () => {
  await using folder = await makeTempFolder('plugin')
  await using api = await startWith(await folder.write('acme.ts', await exampleOfHowTo()))
  await api.makeIndex(INDEX)
  for (const version of ['1.0', '2.0rc1']) {
    const parts = uploadParts(makeWheel('foo', version), plainFields({ version }))
    await sendParts(api, INDEX, parts, { as: 'ada' })
  }

  const wrong = await api.patch(`/${INDEX}`, { as: 'ada', json: { acme_hidden: { no: 'list' } } })
  await api.patch(`/${INDEX}`, { as: 'ada', json: { acme_hidden: ['rc'] } })
  const page = await api.get(`/${INDEX}/+simple/foo/`, { headers: { accept: 'text/html' } })
  const told = await api.get(`/${INDEX}/+explain/foo`)

  assert.equal(wrong.status, 400)
  assert.match(wrong.message ?? '', /acme_hidden/)
  assert.match(page.text, /foo-1\.0-/)
  assert.doesNotMatch(page.text, /2\.0rc1/)
  assert.match(told.text, /its name holds rc/)
  assert.match(told.text, /"acme"/)
})

test('a plugin may be a plain object, and bring a theme', async () => {
  await using folder = await makeTempFolder('plugin')
  await folder.write('looks/theme.toml', 'title = "Acme"')
  const text = `export default { name: 'acme', themes: [{ name: 'acme', folder: ${JSON.stringify(folder.join('looks'))} }] }`
  const file = await folder.write('acme.mjs', text)
  const theme = { text: 'acme', folder: '/nowhere/acme' }
  await using api = await startApi({ config: { plugin: [file], theme } })

  const page = await api.get('/', { headers: { accept: 'text/html' } })

  assert.match(page.text, /– Acme<\/title>/)
})

const option = `{ doc: 'x', store: (value) => value, parse: (value) => value }`
const filter = `filterLinks: () => undefined`
const useless: Readonly<Record<string, readonly [text: string, reason: RegExp]>> = {
  'no module': ['export default {', /SyntaxError/],
  'what throws': [`throw new Error('no licence')`, /no licence/],
  'no plugin': ['export const plugin = {}', /neither a plugin nor a function/],
  'no name': ['export default { hooks: {} }', /`name` must be/],
  'a name with a path': [`export default { name: '../x' }`, /`name` must be/],
  'a hook that is none': [
    `export default { name: 'x', hooks: { onUpload() {} } }`,
    /no hook onUpload, only authenticate, filterLinks, indexChanged/,
  ],
  'an option that indexes have': [
    `export default { name: 'x', indexOptions: { bases: ${option} }, hooks: { ${filter} } }`,
    /an option bases already/,
  ],
  'an option of a policy': [
    `export default { name: 'x', indexOptions: { cooldown: ${option} }, hooks: { ${filter} } }`,
    /index option cooldown, as another has/,
  ],
  'an option without a reader': [
    `export default { name: 'x', indexOptions: { y: {} }, hooks: { ${filter} } }`,
    /option y lacks `store` or `parse`/,
  ],
  'a filter that nothing turns on': [
    `export default { name: 'x', hooks: { ${filter} } }`,
    /never asked/,
  ],
  'the name of a policy': [`export default { name: 'cooldown' }`, /called cooldown/],
  'a theme without a folder': [
    `export default { name: 'x', themes: [{ name: 'y' }] }`,
    /`themes` must be/,
  ],
}

for (const [what, [text, reason]] of Object.entries(useless)) {
  test(`the server does not start with ${what}`, async () => {
    await using folder = await makeTempFolder('plugin')
    const file = await folder.write('bad.mjs', text)

    const refused = (error: unknown): boolean =>
      error instanceof StartRefused && reason.test(error.message)
    await assert.rejects(startWith(file), refused)
  })
}

test('the server does not start with a plugin that is not there, and says which', async () => {
  await assert.rejects(
    startWith('/nowhere/acme.mjs'),
    /\/nowhere\/acme\.mjs cannot be used: there is no such file/,
  )
})
