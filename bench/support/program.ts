/** The Wheelyard that is measured: the package as it is published, which starts faster and holds less than its source. */
import { join } from 'node:path'
import { runProcess } from '../../test/support/process.ts'

/** Tells the processes that measure where it is. */
export const PROGRAM_VARIABLE = 'WHEELYARD_BENCH_PROGRAM'

/** Undefined for the source, as where a profile is to name its files. */
export const program = process.env[PROGRAM_VARIABLE]

const root = join(import.meta.dirname, '..', '..')

/** Makes the package in `dist/` and returns the path of its command. */
export async function packProgram(): Promise<string> {
  const { PATH = '/usr/bin:/bin', HOME = root } = process.env
  const packing = await runProcess(process.execPath, [join(root, 'scripts', 'pack.ts')], {
    env: { PATH, HOME },
  })
  if (packing.code !== 0) throw new Error(packing.output)
  return join(root, 'dist', 'bin', 'wheelyard.js')
}
