import assert from 'node:assert/strict'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { createLog } from '#base/log'
import { makeTempFolder } from '../../../test/support/temp.ts'
import { Templates } from './templates.ts'

const log = createLog({ level: 'silent' })

/** Templates of a theme over those in the box; each folder with `NAME.eta`. */
async function open(box: Record<string, string>, theme: Record<string, string> = {}) {
  const folder = await makeTempFolder('templates')
  const folders = [join(folder.path, 'theme'), join(folder.path, 'box')]
  const write = async (at: string, files: Record<string, string>): Promise<void> => {
    for (const [name, text] of Object.entries(files)) {
      const path = join(at, `${name}.eta`)
      await mkdir(dirname(path), { recursive: true })
      await writeFile(path, text)
    }
  }
  await write(folders[0]!, theme)
  await write(folders[1]!, box)
  const templates = new Templates({ folders, log })
  return { templates }
}

test('values are escaped, and parts see what the template sees, and more', async () => {
  const { templates } = await open({
    page: `<p><%= it.name %></p><%~ it.part('parts/hello', { more: '!' }) %>`,
    'parts/hello': '<b><%= it.name %><%= it.more %></b>',
  })

  assert.equal(templates.render('page', { name: '<x>' }), '<p>&lt;x&gt;</p><b>&lt;x&gt;!</b>')
})

test('a theme replaces a part alone, and may print the one that it stands in for', async () => {
  const { templates } = await open(
    { page: `[<%~ it.part('hello') %>]`, hello: 'hello <%= it.name %>' },
    { hello: `theme: <%~ it.original({ name: 'Bob' }) %>` },
  )

  assert.equal(templates.render('page', { name: 'Ada' }), '[theme: hello Bob]')
})

test('a template of a theme that fails gives way to ours', async () => {
  const { templates } = await open(
    { page: `<%~ it.part('a') %><%~ it.part('b') %>`, a: 'A', b: 'B' },
    { a: '<%= it.nothing.there %>', b: '<% if ( { %>' },
  )

  assert.equal(templates.render('page', {}), 'AB')
  const [first = '', second = ''] = templates.problems
  assert.match(first, /theme.a\.eta: .*there/s)
  assert.match(second, /theme.b\.eta: is no template/)
})

test('templates that were compiled ahead are printed as ever, and broken ones harm nobody before', async () => {
  const { templates } = await open(
    { page: `<%~ it.part('parts/a') %>`, 'parts/a': 'A' },
    { 'parts/a': '<% if ( { %>', 'parts/own': 'own' },
  )

  await templates.prepare()

  assert.deepEqual(templates.problems, [])
  assert.equal(templates.render('page', {}), 'A')
  assert.equal(templates.render('parts/own', {}), 'own')
  assert.equal(templates.problems.length, 1)
})

test('a template sees what it set itself in the parts that follow, and the page does not', async () => {
  const { templates } = await open({
    page: `<%~ it.part('a', { name: 'Bob' }) %><%= it.name %>`,
    a: `<% it.name += '!' %><%~ it.part('b') %>`,
    b: `<%= it.name %> `,
  })

  assert.equal(templates.render('page', { name: 'Ada' }), 'Bob! Ada')
})

test('what is no template is said by its name', async () => {
  const { templates } = await open({ page: `<%~ it.part('none') %>` })

  assert.throws(() => templates.render('page', {}), /there is no template none/)
})
