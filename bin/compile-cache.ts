/** Lets Node keep what it compiled, in a folder that nobody else can write to. */
import { enableCompileCache } from 'node:module'
import { join } from 'node:path'

/** Node's own default lies in the shared temporary folder, where others could put code for us to run. */
export function cacheCompiledCode(env: NodeJS.ProcessEnv): void {
  const caches = env['XDG_CACHE_HOME'] || (env['HOME'] && join(env['HOME'], '.cache'))
  if (caches) enableCompileCache(join(caches, 'wheelyard', 'compiled'))
}
