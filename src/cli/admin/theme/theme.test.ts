import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { runCommand, startCommand } from '../../../../test/support/command.ts'
import { makeTempFolder, type TempFolder } from '../../../../test/support/temp.ts'

async function check(folder: TempFolder): Promise<{ code: number; problems: string[] }> {
  const ran = await runCommand(['admin', 'theme', 'check', '--json', '.'], { cwd: folder.path })
  const { problems } = JSON.parse(ran.stdout) as { problems: string[] }
  return { code: ran.code, problems }
}

test('admin theme list names the themes in the box', async () => {
  await using folder = await makeTempFolder('theme')

  const ran = await runCommand(['admin', 'theme', 'list'], { cwd: folder.path })

  assert.match(ran.stdout, /^contrast {2}\S.*\npaper {5}\S.*\n$/)
})

test('admin theme new writes a theme with which nothing is wrong, and nothing into a folder in use', async () => {
  await using folder = await makeTempFolder('theme')
  const made = await runCommand(['admin', 'theme', 'new', 'our looks', '--extends', 'paper'], {
    cwd: folder.path,
  })
  const manifest = await readFile(folder.join('our looks', 'theme.toml'), 'utf8')
  const checked = await runCommand(['admin', 'theme', 'check', 'our looks'], { cwd: folder.path })
  const again = await runCommand(['admin', 'theme', 'new', 'our looks'], { cwd: folder.path })

  assert.equal(made.code, 0, made.output)
  assert.match(manifest, /^name = "our-looks"$/m)
  assert.match(manifest, /^extends = "paper"$/m)
  assert.equal(checked.output, 'Nothing is wrong with the theme.\n')
  assert.equal(checked.code, 0)
  assert.equal(again.code, 1)
  assert.match(again.output, /Error: The folder .*our looks is not empty/)
})

test('admin theme new refuses to extend what is not there', async () => {
  await using folder = await makeTempFolder('theme')

  const ran = await runCommand(['admin', 'theme', 'new', 'x', '--extends', 'papre'], {
    cwd: folder.path,
  })

  assert.equal(ran.code, 1)
  assert.match(ran.output, /There is no theme papre/)
  assert.ok(!(await readdir(folder.path)).includes('x'))
})

test('admin theme check tells all that reading the files tells', async () => {
  await using folder = await makeTempFolder('theme')
  await folder.write('theme.toml', 'titel = "A"\nlogo = "lost.svg"\n')
  await folder.write('static/style.css', ':root { --text: #eee } @import url(//fonts.example/x)')
  await folder.write('static/notes.exe', '')
  await folder.write('templates/parts/logoo.eta', '<b onclick="x()">\n<script>x()</script>')
  await folder.write('templates/own/line.eta', 'x')
  await folder.write('templates/home/below.eta', `<%~ it.part('own/line') %>`)
  await folder.write('templates/index.pt', '<html/>')

  const { code, problems } = await check(folder)

  assert.equal(code, 1)
  const told = problems.join('\n')
  for (const pattern of [
    /theme\.toml, line 1: titel is no key; did you mean title\?/,
    /theme\.toml names lost\.svg, which is not below static\//,
    /templates\/: index\.pt: templates of devpi-web/,
    /static\/notes\.exe is not served/,
    /static\/style\.css loads something of another host/,
    /parts\/logoo\.eta, line 1: holds a script in an attribute/,
    /parts\/logoo\.eta, line 2: holds a script;/,
    /parts\/logoo\.eta stands in for none of ours.*did you mean parts\/logo\?/,
    /--text on --surface has a contrast of 1\.\d\d in light/,
  ]) {
    assert.match(told, pattern)
  }
  assert.ok(!told.includes('own/line'))
})

test('admin theme check says of a folder that it is no theme', async () => {
  await using folder = await makeTempFolder('theme')
  await folder.write('notes.txt', 'x')
  await folder.write('acme/theme.toml', 'title = "Acme"')

  const ran = await runCommand(['admin', 'theme', 'check', '.'], { cwd: folder.path })
  const { problems } = await check(folder)

  assert.equal(ran.code, 1)
  assert.match(ran.stdout, /nothing of a theme is there: no theme\.toml/)
  assert.equal(problems.length, 1)
  const inside = await runCommand(['admin', 'theme', 'check', 'acme'], { cwd: folder.path })
  assert.equal(inside.code, 0, inside.output)
})

test('admin theme check prints every template there is', async () => {
  await using folder = await makeTempFolder('theme')
  const templates = new URL('../../../web/templates/', import.meta.url)
  const names = (await readdir(templates, { recursive: true })).filter((name) =>
    name.endsWith('.eta'),
  )
  for (const name of names) await folder.write(`templates/${name}`, '<% it.no.thing %>')

  const { problems } = await check(folder)

  const told = problems.join('\n')
  assert.deepEqual(
    names.filter((name) => !told.includes(`templates/${name}: line 1`)),
    [],
  )
})

test('admin theme preview serves the sample until it is stopped', async () => {
  await using folder = await makeTempFolder('theme')
  await folder.write('theme.toml', 'title = "Acme"')
  const args = ['admin', 'theme', 'preview', '.']
  await using running = startCommand(args, { cwd: folder.path })
  const url = await running.until(() => /http:\S+/.exec(running.stdout)?.[0])

  const page = await fetch(`${url}ada/dev/anchor/1.1`, { headers: { accept: 'text/html' } })
  assert.match(await page.text(), /– Acme<\/title>/)

  assert.equal(await running.kill('SIGINT'), 0)
})
