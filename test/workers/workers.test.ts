/** A server of several processes, as an operator meets it: its start and end, workers that crash, restarts under load. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startCommand, runCommand } from '../support/command.ts'
import { listFiles } from '../support/listed-files.ts'
import { makeTempFolder } from '../support/temp.ts'
import { until } from '../support/until.ts'
import { makeUploader } from '../support/uploader.ts'
import { verifyStore } from '../support/verify-store.ts'
import { makeWheel } from '../support/wheel.ts'
import { connectToEach, isRunning, openConnection, startWorkers } from '../support/workers.ts'

test('it says in one line where all serve, and SIGTERM ends them all well', async () => {
  await using folder = await makeTempFolder('workers')
  const args = ['serve', '--no-root-pypi', '--port', '0', '--workers', '2']
  await using server = startCommand(args, { cwd: folder.path })

  const address = await server.until(() => /^Wheelyard serves (\S+) /.exec(server.stdout)?.[1])
  const answer = await fetch(new URL('+api', address))
  const code = await server.kill('SIGTERM')
  const pids = Array.from(server.stderr.matchAll(/"pid":(\d+)/g), ([, pid]) => Number(pid))

  assert.equal(answer.status, 200)
  assert.equal(code, 0, server.stderr)
  assert.equal(server.stdout, `Wheelyard serves ${address} with 2 workers\n`)
  assert.deepEqual([pids.length, pids.some(isRunning)], [2, false])
})

test('what keeps it from starting is told once, and no worker is left', async () => {
  await using folder = await makeTempFolder('workers')
  const args = ['serve', '--workers', '3', '--port', '0', '--host', '192.0.2.1']
  const password = await folder.write('password', 'secret')

  const ran = await runCommand([...args, '--root-password-file', password], { cwd: folder.path })
  const wrong = await runCommand(['serve', '--workers', '0'], { cwd: folder.path })

  assert.equal(ran.code, 1)
  assert.deepEqual(ran.output.match(/^Error: .*$/gm), [
    'Error: This machine has no network interface with the address 192.0.2.1.',
  ])
  assert.equal(wrong.code, 2)
  assert.match(wrong.output, /^Error: --workers: '0' is not a number from 1 to 256, or auto/)
})

test('what one worker has acknowledged, the others show', async () => {
  await using yard = await startWorkers({ stages: ['ada/dev'] })
  const connections = await connectToEach(yard)
  using uploader = makeUploader()

  for (let number = 0; number < 20; number++) {
    const upload = await uploader.upload(yard.url('ada/dev/'), makeWheel('anchor', `1.${number}`))
    assert.equal(upload.status, 200, upload.text)
    for (const connection of connections) {
      const { body } = await connection.get(yard.url('ada/dev/+simple/anchor/'))
      assert.ok(body.includes(`anchor-1.${number}-`), body)
    }
  }
  for (const connection of connections) connection[Symbol.dispose]()
  await verifyStore(yard.folder)
})

test('any worker tells the metrics of all', async () => {
  await using yard = await startWorkers({ stages: ['ada/dev'] })
  const connections = await connectToEach(yard)
  for (const connection of [...connections, ...connections, connections[0]!]) {
    await connection.get(yard.url('ada/dev/+simple/'))
  }

  const counts: number[] = []
  for (const connection of connections) {
    const { body } = await connection.get(yard.url('+metrics'))
    const lines = body.match(/^wheelyard_http_requests_total\{.*\+simple.* \d+$/gm) ?? []
    counts.push(lines.reduce((sum, line) => sum + Number(/\d+$/.exec(line)?.[0]), 0))
    connection[Symbol.dispose]()
  }

  assert.deepEqual(counts, [5, 5])
})

test('the status tells of all workers: which there are, and since when', async () => {
  await using yard = await startWorkers({ stages: ['ada/dev'] })
  const statusOf = async (login?: string) => {
    const authorization = login && `Basic ${Buffer.from(login).toString('base64')}`
    const headers = { accept: 'application/json', ...(authorization && { authorization }) }
    const answer = await fetch(yard.url('+status'), { headers })
    return ((await answer.json()) as { result: { workers: Roll } }).result.workers
  }
  interface Roll {
    count: number
    processes: {
      number: number
      pid?: number
      state: string
      'is-leader': boolean
      uptime: number
    }[]
  }

  const told = await statusOf()
  const known = await statusOf('ada:pw')
  const page = await fetch(yard.url('+status'), { headers: { accept: 'text/html' } })

  assert.equal(told.count, 2)
  assert.deepEqual(
    told.processes.map(({ state }) => state),
    ['serving', 'serving'],
  )
  assert.equal(told.processes.filter((one) => one['is-leader']).length, 1)
  assert.ok(told.processes.every(({ uptime, pid }) => uptime > 0 && pid === undefined))
  const pids = known.processes.map(({ number, pid }) => [number, pid] as const)
  assert.deepEqual(new Map(pids), yard.workers())
  const text = await page.text()
  assert.match(text, /<h2>Workers <small>2<\/small>/)
  assert.match(text, /serving, leads/)
})

test('a worker that crashes is replaced, and the others go on answering', async () => {
  await using yard = await startWorkers({ stages: ['ada/dev'] })
  const pids = [...yard.workers().values()]
  const connections = await connectToEach(yard)

  process.kill(pids[0]!, 'SIGKILL')
  const answers = await Promise.allSettled(connections.map((one) => one.get(yard.url('+api'))))
  await yard.begun(3)
  const after = await connectToEach(yard)

  assert.ok(answers.some((one) => one.status === 'fulfilled' && one.value.status === 200))
  assert.equal(isRunning(pids[0]!), false)
  assert.match(yard.log, /"a worker ended: another takes its place","worker":1,"how":"SIGKILL"/)
  for (const connection of [...connections, ...after]) connection[Symbol.dispose]()
})

test('who is being given to a worker that crashes is told at once', async () => {
  await using yard = await startWorkers()
  const [pid] = yard.workers().values()
  process.kill(pid!, 'SIGSTOP') // it takes nothing any more

  const connections = Array.from({ length: 4 }, openConnection)
  let answered = 0
  const given = connections.map(async (one) => {
    const answer = await one.get(yard.url('+api')).catch((error: Error) => error)
    answered++
    return answer
  })
  await until(async () => answered === 3)
  process.kill(pid!, 'SIGKILL')
  const answers = await Promise.all(given)

  const failures = answers.filter((answer) => answer instanceof Error)
  assert.deepEqual(
    failures.map((failure) => 'code' in failure && failure.code),
    ['ECONNRESET'],
  )
  for (const connection of connections) connection[Symbol.dispose]()
})

test('when all workers crash at once, others serve at the same address', async () => {
  await using yard = await startWorkers({ stages: ['ada/dev'] })
  using uploader = makeUploader()
  await uploader.upload(yard.url('ada/dev/'), makeWheel('anchor', '1.0'))

  for (const pid of yard.workers().values()) process.kill(pid, 'SIGKILL')
  await yard.begun(4)

  assert.equal((await listFiles(yard.url('ada/dev/+simple/anchor/'))).length, 1)
})

test('workers end with their parent, however that ends', async () => {
  await using yard = await startWorkers()
  const pids = [...yard.workers().values()]

  await yard.kill('SIGKILL')
  await until(async () => !pids.some(isRunning))

  assert.equal(pids.length, 2)
})

test('SIGHUP puts new workers in the place of all, and no request fails meanwhile', async () => {
  await using yard = await startWorkers({ stages: ['ada/dev'] })
  const url = yard.url('ada/dev/+simple/')
  const workers = new Set<string>()
  const exchanged = Promise.withResolvers<void>()
  let ended = 0
  let isOver = false
  const clients = Array.from({ length: 8 }, async () => {
    using connection = openConnection()
    while (!isOver) {
      const { status, worker, isLast } = await connection.get(url)
      assert.equal(status, 200)
      workers.add(worker)
      if (isLast) ended++
      if (workers.size === 4 && ended > 0) exchanged.resolve()
    }
  })
  const publisher = (async () => {
    using uploader = makeUploader()
    let count = 0
    for (; !isOver; count++) {
      const { status, text } = await uploader.upload(
        yard.url('ada/dev/'),
        makeWheel('anchor', `1.${count}`),
      )
      assert.equal(status, 200, text)
    }
    return count
  })()

  process.kill(yard.pid, 'SIGHUP')
  await yard.logged(/"the workers were restarted"/)
  await exchanged.promise
  isOver = true
  await Promise.all(clients)
  const uploaded = await publisher

  assert.equal((await listFiles(yard.url('ada/dev/+simple/anchor/'))).length, uploaded)
  await verifyStore(yard.folder)
})

test('a program that does not start leaves the workers there are', async () => {
  await using folder = await makeTempFolder('workers')
  const file = await folder.write('wheelyard.toml', "log-level = 'info'\n")
  await using yard = await startWorkers({ args: ['--config', file] })

  await folder.write('wheelyard.toml', "log-level = 'loud'\n")
  process.kill(yard.pid, 'SIGHUP')
  await yard.logged(/"a new worker does not start: those there are go on"/)

  assert.match(yard.log, /'loud' is not one of debug/)
  assert.equal((await fetch(yard.url('+api'))).status, 200)
  assert.equal(yard.workers().size, 2)
})
