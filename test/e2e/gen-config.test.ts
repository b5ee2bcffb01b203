/** What `wheelyard admin gen-config` writes does its work. */
import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import { describe, test } from 'node:test'
import { ada } from '../support/client.ts'
import { makePip, twine } from '../support/clients.ts'
import { runCommand } from '../support/command.ts'
import { assertDone } from '../support/installers.ts'
import { checkNginx, startNginx } from '../support/nginx.ts'
import { runProcess } from '../support/process.ts'
import { makeTempFolder } from '../support/temp.ts'
import { makeWheel } from '../support/wheel.ts'
import { startYard } from '../support/yard.ts'

const PIP = { 'user-agent': 'pip/26.0', accept: 'application/vnd.pypi.simple.v1+json' }

/** The files of a run with these options. */
async function generate(...flags: readonly string[]) {
  const folder = await makeTempFolder('gen')
  const ran = await runCommand(['admin', 'gen-config', ...flags], { cwd: folder.path })
  const read = (name: string) => readFile(folder.join('gen-config', name), 'utf8')
  return { folder, ran, read, [Symbol.asyncDispose]: () => folder.remove() }
}

describe('gen-config writes', () => {
  test("the files that devpi-gen-config writes, under devpi's names", async () => {
    await using made = await generate()

    assert.equal(made.ran.code, 0, made.ran.output)
    assert.deepEqual((await readdir(made.folder.join('gen-config'))).toSorted(), [
      ...['crontab', 'devpi.service', 'launchd-macos.txt', 'net.devpi.plist'],
      ...['nginx-devpi-caching.conf', 'nginx-devpi.conf', 'supervisor-devpi.conf'],
      ...['supervisord.conf', 'windows-service.txt'],
    ])
    assert.match(made.ran.stdout, /^wrote gen-config\/crontab\n/)
  })

  test('start commands with the options given, whole paths and the data folder', async () => {
    await using made = await generate('--port', '4040', '--config', 'my settings.toml')
    await using settings = await makeTempFolder('gen')
    await settings.write('my settings.toml', '')
    const again = await runCommand(
      ['admin', 'gen-config', '--config', 'my settings.toml', '--port=4040'],
      { cwd: settings.path },
    )

    assert.equal(made.ran.code, 2, 'the settings file is not there')
    assert.equal(again.code, 0, again.output)
    const unit = await readFile(settings.join('gen-config', 'devpi.service'), 'utf8')
    const folder = settings.path
    assert.ok(
      unit.includes(
        `wheelyard.ts serve --config "${folder}/my settings.toml" --port 4040 --dir ${folder}/wheelyard-data\n`,
      ),
      unit,
    )
  })

  test("the data folder of devpi's file by its whole path", async () => {
    await using folder = await makeTempFolder('gen')
    const file = await folder.write('devpi.yml', 'devpi-server:\n  serverdir: data\n  port: 4040\n')

    const ran = await runCommand(['admin', 'gen-config', '-c', 'devpi.yml'], { cwd: folder.path })

    assert.equal(ran.code, 0, ran.output)
    const unit = await readFile(folder.join('gen-config', 'devpi.service'), 'utf8')
    assert.ok(unit.includes(` serve --configfile ${file} --dir ${folder.path}/data\n`), unit)
    const site = await readFile(folder.join('gen-config', 'nginx-devpi.conf'), 'utf8')
    assert.match(site, / server 127\.0\.0\.1:4040;/)
  })

  test('each start command in the notation of its reader', async () => {
    await using made = await generate('--serverdir', `a%b $c 'd'`, '--port=4040')
    const folder = `${made.folder.path}/a%b $c 'd'`

    assert.equal(made.ran.code, 0, made.ran.output)
    const cron = /^@reboot (.*)$/m.exec(await made.read('crontab'))![1]!
    const seen = await runProcess(
      '/bin/sh',
      ['-c', `printf '%s\\n' ${cron.replaceAll('\\%', '%')}`],
      {
        env: {},
      },
    )
    assert.ok(seen.stdout.includes(`\n--serverdir\n${folder}\n--port\n4040\n`), seen.output)
    assert.match(await made.read('devpi.service'), /"[^"]*\/a%%b \$\$c 'd'" --port 4040\n/)
    assert.match(await made.read('supervisor-devpi.conf'), /\/a%%b \$c '\\''d'\\''' --port 4040\n/)
    assert.match(await made.read('net.devpi.plist'), /\/a%b \$c 'd'<\/string>\n/)
  })

  test('what a service would not see is told: settings of the environment, a port that changes', async () => {
    await using folder = await makeTempFolder('gen')
    const cwd = folder.path
    const run = (env: Record<string, string>) => runCommand(['admin', 'gen-config'], { cwd, env })

    const told = await run({ WHEELYARD_OUTSIDE_URL: 'https://packages.example.org' })
    const refused = await run({ WHEELYARD_PORT: '0' })

    assert.match(
      told.output,
      /\nNote: --outside-url comes from the environment \(WHEELYARD_OUTSIDE_URL\), which a service does not see\.\n$/,
    )
    assert.equal(refused.code, 2)
    assert.match(refused.output, /^Error: --port: 0 picks another port at each start/)
  })
})

describe('nginx', () => {
  for (const name of ['nginx-devpi.conf', 'nginx-devpi-caching.conf']) {
    test(`takes ${name}, whatever the outside URL, and with the part for +authcheck`, async () => {
      const outside = ['--outside-url', 'http://[::1]:8080/a$b;c"d/']
      for (const flags of [[], outside, [...outside, '--docs-url', 'http://docs.example/']]) {
        await using made = await generate(...flags, '--max-request-body-size', '1073741824')
        const site = await made.read(name)

        assert.match(site, /client_max_body_size 1073741824;/)
        assert.equal(await checkNginx(site), '')
        assert.equal(await checkNginx(withAuthCheck(site)), '')
      }
    })
  }

  test('takes requests for the host of documentation too, on its port', async () => {
    const urls = ['--outside-url', 'http://yard.example:8080', '--docs-url', 'http://docs.example']
    await using made = await generate(...urls)

    const site = await made.read('nginx-devpi.conf')

    assert.match(site, /server_name yard\.example docs\.example \$hostname "";/)
    assert.match(site, / {4}listen 8080;\n {4}listen 80;\n/)
  })

  for (const path of ['', '/devpi']) {
    test(`passes uploads and installs on at http://host${path}/`, async () => {
      await using yard = await startYard({ stages: ['ada/dev'] })
      await using nginx = await startNginx({ upstream: yard.url(), path })
      await using pip = await makePip()

      const wheel = makeWheel('anchor', '1.0')
      assertDone(await twine.upload([wheel], nginx.url('ada/dev/'), ada))
      assertDone(await pip.install('anchor==1.0', nginx.url('ada/dev/+simple/')))
      const api = (await (await fetch(nginx.url('ada/dev/+api'))).json()) as {
        result: { pypisubmit: string }
      }

      assert.equal(api.result.pypisubmit, nginx.url('ada/dev/'))
    })
  }

  // devpi-http 12: 150
  test('passes pushes on, and asks +authcheck where it should', async () => {
    await using yard = await startYard({ stages: ['ada/dev', 'ada/prod'] })
    await using nginx = await startNginx({ upstream: yard.url(), path: '/py', edit: withAuthCheck })
    assertDone(await twine.upload([makeWheel('anchor', '1.0')], nginx.url('ada/dev/'), ada))
    const status = async (path: string, init: RequestInit = {}) =>
      (await fetch(nginx.url(path), { redirect: 'manual', ...init })).status

    const push = {
      method: 'PUSH',
      headers: { 'x-devpi-auth': Buffer.from('ada:pw').toString('base64') },
      body: JSON.stringify({ name: 'anchor', version: '1.0', targetindex: 'ada/prod' }),
    }
    assert.equal(await status('ada/dev', push), 200)
    assert.equal(await status('ada/prod/+simple/anchor/'), 200)
    assert.equal(await status('no/such/place/+here/at/all'), 403)
  })

  test('reaches a server on a Unix socket', async () => {
    await using folder = await makeTempFolder('socket')
    const socket = ['--unix-socket', folder.join('yard')]
    const cwd = folder.path
    const made = await runCommand(['admin', 'gen-config', ...socket], { cwd })
    const site = await readFile(folder.join('gen-config', 'nginx-devpi.conf'), 'utf8')

    assert.equal(made.code, 0, made.output)
    assert.ok(site.includes(`server unix:${folder.path}/yard;`), site)
    assert.equal(await checkNginx(site), '')
  })

  test('in the caching variant keeps pages for installers, and none for who logs in', async () => {
    await using yard = await startYard({ stages: ['ada/dev'] })
    await using nginx = await startNginx({ upstream: yard.url(), isCaching: true })
    assertDone(await twine.upload([makeWheel('anchor', '1.0')], nginx.url('ada/dev/'), ada))
    const page = nginx.url('ada/dev/+simple/anchor/')
    const cached = async (headers: Record<string, string>) => {
      const reply = await fetch(page, { headers })
      await reply.text()
      return [reply.status, reply.headers.get('x-cached')]
    }

    const login = { authorization: 'Basic YWRhOnB3' }
    assert.deepEqual(await cached({ ...PIP, ...login }), [200, 'BYPASS'])
    assert.deepEqual(await cached(PIP), [200, 'MISS'])
    assert.deepEqual(await cached(PIP), [200, 'HIT'])
    assert.deepEqual(await cached({ ...PIP, accept: 'text/html' }), [200, 'MISS'])
    assert.deepEqual(await cached({ 'user-agent': 'curl', accept: '*/*' }), [200, 'BYPASS'])
    assert.deepEqual(await cached({ ...PIP, ...login }), [200, 'BYPASS'])
    await yard.kill()
    const [status, how] = await cached(PIP)
    assert.deepEqual([status, how === 'HIT' || how === 'STALE'], [200, true])
  })
})

/** The file with its optional part switched on. */
const withAuthCheck = (site: string): string =>
  site
    .replaceAll(/^ {4}#(location = \/\+authcheck|    |\})/gm, '    $1')
    .replace('    location / {', '    location / {\n        auth_request /+authcheck;')
