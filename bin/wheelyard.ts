#!/usr/bin/env node
/** The command `wheelyard`. Nothing of ours is loaded before Node is known to be new enough for it. */
import { tellIfTooOld } from '../src/base/node-version.ts'

const complaint = tellIfTooOld(process.versions.node)
if (complaint) {
  process.stderr.write(`${complaint}\n`)
  process.exitCode = 1
} else {
  // Before its threads begin. A disk syncs many files at once nearly as fast as one, and Node lets no more than 4 wait.
  process.env['UV_THREADPOOL_SIZE'] ??= '16'
  const { cacheCompiledCode } = await import('./compile-cache.ts')
  cacheCompiledCode(process.env)
  const { main } = await import('../src/cli/main.ts')
  const { argv, env, execPath, stdin, stdout, stderr } = process
  const program = [execPath, ...argv.slice(1, 2)]
  const cwd = process.cwd()
  // Who reads what is printed may stop early (`| head`), which is no failure: what was begun is done all the same.
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
  })
  const code = await main({ program, argv: argv.slice(2), env, cwd, stdin, stdout, stderr })
  // A pooled connection that is still open is no reason to stay.
  process.exit(code)
}
