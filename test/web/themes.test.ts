/** Themes: a folder, or a name, that changes how the pages look. */
import assert from 'node:assert/strict'
import { readFile, rm } from 'node:fs/promises'
import { test } from 'node:test'
import { StartRefused } from '#base/start-refused'
import { namedThemesOf } from '#plugins/named-themes'
import { definePlugin } from '#plugins/plugin'
import { startApi, type Api, type ApiOptions } from '../support/api.ts'
import { makeTempFolder, type TempFolder } from '../support/temp.ts'
import { getPage, linksIn, textOf } from '../support/web.ts'

/** A folder with a theme's files. */
async function writeTheme(files: Readonly<Record<string, string>>): Promise<TempFolder> {
  const folder = await makeTempFolder('theme')
  for (const [name, text] of Object.entries(files)) await folder.write(name, text)
  return folder
}

const startWith = (text: string, folder = text, more: ApiOptions = {}): Promise<Api> =>
  startApi({
    indexes: ['ada/dev'],
    ...more,
    config: { theme: { text, folder }, ...more.config },
  })

const stylesIn = (html: string): string[] =>
  [...html.matchAll(/<link rel="stylesheet" href="([^"]*)"/g)].map(([, href = '']) => href)

test('a folder changes words, links, logo, styles and scripts without a template', async () => {
  await using theme = await writeTheme({
    'theme.toml': `
      title = "Acme packages"
      logo = "acme.svg"
      scripts = ["acme.js"]
      front-page = "Ask **Ada** <script>x()</script>"
      header-links = [{ title = "Handbook", address = "https://handbook.example/" }]
      footer-links = [{ title = "All that is searched", address = "/+searchhelp" }]
    `,
    'static/acme.svg': '<svg xmlns="http://www.w3.org/2000/svg"/>',
    'static/acme.js': 'export {}',
    'static/style.css': ':root { --accent: #00f }',
  })
  await using api = await startWith(theme.path)

  const { text } = await getPage(api, '/')

  assert.match(text, /<title>Indexes – Acme packages<\/title>/)
  assert.match(text, /Ask <strong>Ada<\/strong>/)
  assert.ok(!text.includes('<script>x'))
  assert.ok(linksIn(text).includes('https://handbook.example/'))
  assert.ok(linksIn(text).includes('/+searchhelp'))
  assert.match(text, /<img src="\/\+theme-static-[0-9a-f]+\/theme\/acme\.svg"/)
  assert.match(text, /<script type="module" src="\/\+theme-static-[0-9a-f]+\/theme\/acme\.js"/)
  const style = stylesIn(text).at(-1) ?? ''
  assert.equal((await api.get(style)).text, ':root { --accent: #00f }')
  assert.match(textOf((await getPage(api, '/nobody')).text), /Handbook/)
})

test('a template stands in for ours, on every page that prints it, and gets all of an index', async () => {
  await using theme = await writeTheme({
    'templates/parts/index-card-body.eta':
      '[<%= it.index.config.custom_data.team %>, <%= it.index.config.volatile %>]<%~ it.original() %>',
    'templates/package-index/options.eta': 'team <%= it.view.config.custom_data.team %>',
  })
  await using api = await startWith(theme.path)
  await api.patch('/ada/dev', { as: 'ada', json: { custom_data: { team: 'sea' } } })

  assert.match(textOf((await getPage(api, '/')).text), /\[sea, false\] ada\/dev stage/)
  assert.match(textOf((await getPage(api, '/ada')).text), /\[sea, false\] ada\/dev stage/)
  assert.match(textOf((await getPage(api, '/ada/dev')).text), /team sea/)
})

test('the example of a card shows who owns an index, within the line of the list', async () => {
  const manual = await readFile(
    new URL('../../docs/how-to/write-a-theme.md', import.meta.url),
    'utf8',
  )
  const [, example = '', name = ''] =
    /```html\n([^`]*customData[^`]*)```\n\nas `(templates\/[\w/-]+\.eta)`/.exec(manual) ?? []
  await using theme = await writeTheme({ [name]: example })
  await using api = await startWith(theme.path)
  await api.patch('/ada/dev', { as: 'ada', json: { custom_data: { owner: 'Ada' } } })

  const { text } = await getPage(api, '/ada')

  const [list = ''] = /<ul class="index-cards">[^]*?<\/ul>/.exec(text) ?? []
  assert.match(list, /<p>Owner: Ada<\/p>/)
  // Every line is closed before the next begins, and nothing stands between them.
  assert.match(
    list,
    /^<ul class="index-cards">(?:\s*<li[\s>](?:(?!<\/?li[\s>])[^])*<\/li>)+\s*<\/ul>$/,
  )
})

test('a theme extends another: words of the nearest, styles of all, the farthest first', async () => {
  await using theme = await writeTheme({
    'theme.toml': 'extends = "paper"\ntitle = "Acme"\n',
    'static/style.css': 'h1 { color: red }',
  })
  await using api = await startWith(theme.path)

  const { text } = await getPage(api, '/')

  assert.match(text, /– Acme<\/title>/)
  const styles = stylesIn(text).slice(-2)
  assert.match(styles[0] ?? '', /\/paper\/style\.css$/)
  assert.match(styles[1] ?? '', /\/theme\/style\.css$/)
  for (const style of styles) assert.equal((await api.get(style)).status, 200)
})

test('a name is that of a theme in the box, or of one that a plugin brings', async () => {
  await using theme = await writeTheme({ 'theme.toml': 'title = "Acme"' })
  const themes = [{ name: 'acme', folder: theme.path }]
  const plugin = definePlugin({ name: 'acme-looks', indexOptions: {}, hooks: {}, themes })
  const hooks = { themes: namedThemesOf(plugin) }
  await using contrast = await startWith('contrast')
  await using acme = await startWith('acme', '/nowhere/acme', { hooks })

  const style = stylesIn((await getPage(contrast, '/')).text).at(-1) ?? ''
  assert.match((await contrast.get(style)).text, /--border: light-dark\(#000000, #ffffff\)/)
  assert.match((await getPage(acme, '/')).text, /– Acme<\/title>/)
})

test('the server does not start with a theme that is not there', async () => {
  const refusal = (message: RegExp) => (error: unknown) =>
    error instanceof StartRefused && message.test(error.message) && error.tries.length > 0
  await using lost = await writeTheme({ 'theme.toml': 'extends = "papre"' })

  await assert.rejects(
    startWith('papre', '/nowhere/papre'),
    refusal(/^There is no theme papre, and no folder \/nowhere\/papre\.$/),
  )
  await assert.rejects(startWith(lost.path), refusal(/no theme papre, .*which the theme in/))
})

test('a theme that extends itself is refused', async () => {
  await using theme = await writeTheme({ 'theme.toml': 'extends = "."' })

  await assert.rejects(startWith(theme.path), /The theme in .* extends itself/)
})

test('while a theme is worked on, changes show at once, and mistakes on the page', async () => {
  await using theme = await writeTheme({ 'templates/parts/footer-end.eta': '<p>one</p>' })
  await using api = await startWith(theme.path, theme.path, { config: { themeReload: true } })

  const first = await getPage(api, '/ada')
  const digest = (await api.get('/+theme-digest')).text
  assert.match(textOf(first.text), /one/)
  assert.ok(first.text.includes(`data-digest="${digest}"`))
  assert.equal((await getPage(api, '/ada')).text, first.text)

  await theme.write('templates/parts/footer-end.eta', '<p>two <%= it.view.no.thing %></p>')
  await theme.write('theme.toml', 'titel = "Acme"')
  const second = textOf((await getPage(api, '/ada')).text)
  assert.notEqual((await api.get('/+theme-digest')).text, digest)
  assert.match(second, /The theme has mistakes/)
  assert.match(second, /theme\.toml, line 1: titel is no key; did you mean title\?/)
  assert.match(second, /footer-end\.eta: line 1 .*it\.view\.no\.thing.*reading 'thing'/)

  await rm(theme.join('theme.toml'))
  await theme.write('templates/parts/footer-end.eta', '<p>three</p>')
  const third = textOf((await getPage(api, '/ada')).text)
  assert.match(third, /three/)
  assert.ok(!third.includes('mistakes'))
})

test('otherwise nobody is told of them, and there is nothing to ask', async () => {
  await using theme = await writeTheme({
    'theme.toml': 'titel = "Acme"',
    'templates/parts/footer-end.eta': '<%= it.view.no.thing %>',
  })
  await using api = await startWith(theme.path)

  const page = await getPage(api, '/ada')

  assert.equal(page.status, 200)
  assert.ok(!page.text.includes('mistakes'))
  assert.equal((await api.get('/+theme-digest')).status, 404)
})
