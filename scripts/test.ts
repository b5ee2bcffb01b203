/**
 * All tests, or those below the paths that are given. Makes what they need first, and ends with the line
 * `N passed, N failed, N skipped`.
 */
import { existsSync, statSync } from 'node:fs'
import { glob } from 'node:fs/promises'
import { join, relative, resolve } from 'node:path'
import { finished } from 'node:stream/promises'
import { run } from 'node:test'
import { spec } from 'node:test/reporters'
import { pathToFileURL } from 'node:url'
import { findApache, findChromium, findNginx } from '../test/support/web-servers.ts'
import { cacheFolder, environmentNames, pythonEnvironment } from '../test/support/python-env.ts'
import { printChecks, runChecks } from './check.ts'
import { root } from './repository.ts'

interface Count {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
}

const none: Count = { passed: 0, failed: 0, skipped: 0 }

/** Two files at once suit a small CI machine; the tests start servers and clients of their own. */
const FILES_AT_ONCE = 2
/** Tests with many rounds, or beside much else, take longer: so many times as long as usual. */
const patience = Number(process.env['WHEELYARD_TEST_PATIENCE'] ?? 1)
const TEST_TIMEOUT_MS = patience * 3 * 60_000
const FILE_TIMEOUT_MS = patience * 6 * 60_000

// Every file of tests is a process, and many start servers: what one has compiled the others need not.
process.env['NODE_COMPILE_CACHE'] ??= join(cacheFolder(), 'compiled')

// Plain lines, also from the programs that the tests start.
if (process.env['CI'] === 'true') process.env['NO_COLOR'] = '1'

try {
  const paths = process.argv.slice(2)
  const files = await findTestFiles(paths)
  await prepare()
  const checks = paths.length === 0 ? await check() : none
  const tests = files.length === 0 ? none : await runTests(files)
  const total = {
    passed: checks.passed + tests.passed,
    failed: checks.failed + tests.failed,
    skipped: tests.skipped,
  }
  finish(total, tests)
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  finish({ ...none, failed: 1 }, none)
}

/** Made ahead, so that no test waits for an installation. */
async function prepare(): Promise<void> {
  const say = (line: string): void => console.log(line)
  // One after the other, as packages are installed; the tests that need one say what is missing.
  const servers = findNginx(say)
    .catch(() => {})
    .then(() => findApache(say))
    .catch(() => {})
    .then(() => findChromium(say))
    .catch(() => {})
  await Promise.all([
    servers,
    ...environmentNames.map(async (name) => pythonEnvironment(name, say)),
  ])
}

async function check(): Promise<Count> {
  const results = await runChecks()
  printChecks(results)
  const passed = results.filter((result) => result.hasPassed).length
  return { passed, failed: results.length - passed, skipped: 0 }
}

/** Runs the files, shows them as they go, and shows the failures again at the end. */
async function runTests(files: readonly string[]): Promise<Count> {
  let counts: Count = none
  const stream = run({
    files,
    concurrency: FILES_AT_ONCE,
    timeout: TEST_TIMEOUT_MS,
    execArgv: ['--import', pathToFileURL(join(import.meta.dirname, 'file-timeout.ts')).href],
    env: { ...process.env, WHEELYARD_TEST_FILE_TIMEOUT_MS: `${FILE_TIMEOUT_MS}` },
    isolation: 'process',
    cwd: root,
  })
  stream.on('test:summary', ({ file, counts: all }) => {
    if (file !== undefined) return // the summary of one file
    counts = {
      passed: all.passed,
      failed: all.tests - all.passed - all.skipped - all.todo,
      skipped: all.skipped + all.todo,
    }
  })
  const lines = stream.compose(spec)
  lines.pipe(process.stdout, { end: false })
  await finished(lines)
  return counts
}

/** Files named on the command line, or all below the folders named there; without any, all there are. */
async function findTestFiles(paths: readonly string[]): Promise<string[]> {
  const all: string[] = []
  for await (const file of glob('{src,test}/**/*.test.ts', { cwd: root }))
    all.push(join(root, file))
  if (paths.length === 0) return all.toSorted()

  const wanted = paths.map((path) => resolve(path))
  const missing = wanted.find((path) => !existsSync(path))
  if (missing !== undefined) throw new Error(`${relative(root, missing)} does not exist`)
  const named = wanted.filter((path) => statSync(path).isFile())
  const below = all.filter((file) => wanted.some((folder) => file.startsWith(`${folder}/`)))
  return [...new Set([...named, ...below])].toSorted()
}

function finish(total: Count, tests: Count): void {
  if (tests.passed === 0 && total.failed === 0) console.error('No test ran.')
  const isGood = total.failed === 0 && tests.passed > 0
  console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`)
  // Not left to the event loop: a stray handle of a test file that was killed would hold the run.
  process.exit(isGood ? 0 : 1)
}
