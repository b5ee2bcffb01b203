/** `wheelyard admin prime`: fetches ahead what installations will need, so that none of them needs an upstream. */
import { copyFile, readFile, rename } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { openWorkshop, type Workshop } from '#app-workshop'
import { printSize } from '#base/duration'
import { makeFolder } from '#base/make-folder'
import { mapInParallel } from '#base/parallel'
import { UsedWrongly } from '#base/used-wrongly'
import { whyUnreadable } from '#base/why-not'
import type { Config } from '#config'
import { readLockFile, UnreadableLock, type LockFile } from '#python/lock-file'
import { isPlatform, parsePython, type Target } from '#python/target'
import { getIndex } from '#registry/indexes'
import { listResolutionOrder } from '#registry/inheritance'
import { defineCommand, flagValue, flagValues, hasFlag, type Given } from '../command.ts'
import { awaitStop } from '../await-stop.ts'
import { printJson } from '../output.ts'
import { startProgress } from '../progress.ts'
import {
  findClosure,
  messageOf,
  type Closure,
  type Problem,
  type Wanted,
} from './priming/closure.ts'
import { findLocked } from './priming/locked.ts'
import { Offer, type Offered } from './priming/offer.ts'
import {
  readRequirementFiles,
  UnreadableRequirements,
  type RequirementFiles,
} from './priming/requirement-files.ts'
import { dataFolderOptions, jsonOption, readSettings, settingOptions } from './settings.ts'
import { assertDataFolder } from './store.ts'

type Source =
  | { readonly kind: 'top'; readonly most: number }
  | ({ readonly kind: 'requirements' } & RequirementFiles)
  | { readonly kind: 'lock'; readonly lock: LockFile }

interface Prepared {
  readonly config: Config
  readonly index: string
  readonly sources: readonly Source[]
  readonly targets: readonly Target[]
  readonly jobs: number
  readonly sdists: boolean
  readonly exportTo: string | undefined
}

const group = 'Options'

/** Such a file in `tmp` is of a process that died: a download ends where no byte comes for longer. */
const LEFTOVER_MS = 3_600_000

const LONGEST_END_MS = 5000

export const prime = defineCommand<Prepared>({
  name: 'admin prime',
  summary: 'Fetch ahead what installations need from an index, so that they need no upstream.',
  about:
    'Asks the upstreams of INDEX and its bases, also in offline mode. What is here is not fetched again; what policies ' +
    'hide is not fetched. May run beside the server.',
  args: [{ name: 'INDEX', doc: 'the index that is installed from, such as root/pypi' }],
  options: [
    {
      name: 'requirements',
      placeholder: 'FILE',
      doc: 'What these requirements need, and what that needs in turn. May be repeated.',
      group,
    },
    {
      name: 'lock',
      placeholder: 'FILE',
      doc: 'The files that a uv.lock, a pylock.toml or requirements with hashes name. May be repeated.',
      group,
    },
    {
      name: 'top',
      placeholder: 'N',
      doc: 'The newest release of the N projects that are downloaded most from INDEX and its bases, and what it needs.',
      group,
    },
    {
      name: 'python',
      placeholder: 'VERSION',
      doc: 'A version of Python that is installed for, such as 3.12. May be repeated. [any]',
      group,
    },
    {
      name: 'platform',
      placeholder: 'TAG',
      doc: 'A platform, as wheels name it, such as manylinux_2_28_x86_64. May be repeated. [any]',
      group,
    },
    { name: 'sdists', doc: 'Sdists too, of releases that have wheels.', group },
    { name: 'jobs', placeholder: 'N', doc: 'Files that are fetched at a time. [8]', group },
    {
      name: 'export',
      placeholder: 'FOLDER',
      doc: 'Copy the files there too, for `pip install --no-index --find-links FOLDER`.',
      group,
    },
    ...settingOptions('advisories', 'plugin'),
    ...dataFolderOptions(),
    jsonOption,
  ],
  examples: [
    'wheelyard admin prime root/pypi --requirements requirements.txt --python 3.12 --platform manylinux_2_28_x86_64',
    'wheelyard admin prime ada/dev --lock uv.lock --export wheels',
  ],

  async prepare(given) {
    const mistakes: string[] = []
    const [index = ''] = given.args
    if (!/^[^/]+\/[^/]+$/.test(index)) mistakes.push(`INDEX is user/index, not '${index}'`)
    const pythons = flagValues(given, 'python').map((text) => {
      const python = parsePython(text)
      if (!python) mistakes.push(`--python: '${text}' is no version such as 3.12`)
      return python
    })
    const platforms = flagValues(given, 'platform')
    for (const one of platforms) {
      if (isPlatform(one)) continue
      mistakes.push(`--platform: '${one}' is no platform tag such as manylinux_2_28_x86_64`)
    }
    const jobs = Number(flagValue(given, 'jobs') ?? '8')
    if (!Number.isInteger(jobs) || jobs < 1 || jobs > 64)
      mistakes.push('--jobs: a number from 1 to 64')
    if (hasFlag(given, 'export') && !flagValue(given, 'export'))
      mistakes.push('--export: which folder?')
    const sources = await readSources(given, mistakes)
    if (sources.length === 0 && mistakes.length === 0) {
      mistakes.push('what is to be fetched? Say --requirements FILE, --lock FILE or --top N')
    }
    const { config } = await readSettings(given)
    if (mistakes.length > 0) throw new UsedWrongly(mistakes)
    const folder = flagValue(given, 'export')
    return {
      config,
      index,
      sources,
      targets: combine(pythons, platforms),
      jobs,
      sdists: hasFlag(given, 'sdists'),
      exportTo: folder === undefined ? undefined : resolve(given.world.cwd, folder),
    }
  },

  async run(prepared, given) {
    const { config, index } = prepared
    await assertDataFolder(config)
    const workshop = await openWorkshop({ ...config, offlineMode: false, noMakeAhead: true })
    let working: Promise<number> | undefined
    try {
      await workshop.ledger.read((tx) => getIndex(tx, index))
      await workshop.blobs.clearStaging(LEFTOVER_MS)
      if (prepared.exportTo !== undefined) await makeFolder(prepared.exportTo)
      const stopping = new AbortController()
      const stopped = awaitStop().then((code) => {
        stopping.abort()
        given.world.stderr.write('Stopped: the same command goes on where it was.\n')
        return code
      })
      working = work(workshop, prepared, { given, signal: stopping.signal })
      return await Promise.race([working, stopped])
    } finally {
      await workshop.close()
      // Downloads that are broken off take away what they have begun.
      const ended = working?.catch(() => undefined)
      await Promise.race([ended, wait(LONGEST_END_MS, undefined, { ref: false })])
    }
  },
})

interface Call {
  readonly given: Given
  /** Once somebody wants it to end: what is on its way is dropped, and nothing more is told. */
  readonly signal: AbortSignal
}

async function work(
  workshop: Workshop,
  prepared: Prepared,
  { given, signal }: Call,
): Promise<number> {
  const { world } = given
  const offer = new Offer(workshop, prepared.index)
  const { files, problems, notes } = await findAll(workshop, offer, prepared)
  const failed: Problem[] = [...problems]
  const show = startProgress(given, files.length)
  const fetched: string[] = []
  const here: string[] = []
  let bytes = 0
  await mapInParallel(files, prepared.jobs, async (file) => {
    const { filename } = file.link
    if (signal.aborted) return
    try {
      const kept = await offer.keep(file)
      if (kept.wasHere) here.push(filename)
      else {
        fetched.push(filename)
        bytes += kept.size
      }
      if (prepared.exportTo !== undefined) {
        await exportFile(workshop, prepared.exportTo, filename, kept.digest)
      }
      show(filename)
    } catch (error) {
      if (signal.aborted) return
      failed.push({ what: filename, reason: messageOf(error) })
      show(`${filename}: failed`)
    }
  })
  if (signal.aborted) return 1
  show(undefined)
  if (hasFlag(given, 'json')) {
    const exported = prepared.exportTo ?? null
    printJson(world, {
      fetched: fetched.toSorted(),
      here: here.toSorted(),
      failed,
      bytes,
      exported,
    })
  } else {
    world.stdout.write(
      `fetched: ${fetched.length} files, ${printSize(bytes)}\nalready here: ${here.length}\nfailed: ${failed.length}\n`,
    )
    for (const { what, reason } of failed) world.stderr.write(`${what}: ${reason}\n`)
    for (const note of notes) world.stderr.write(`Note: ${note}\n`)
  }
  return failed.length > 0 ? 1 : 0
}

/** The union over all that is asked for, and over all targets. */
async function findAll(
  workshop: Workshop,
  offer: Offer,
  { index, sources, targets, sdists }: Prepared,
): Promise<Closure & { readonly notes: readonly string[] }> {
  const notes: string[] = []
  const files = new Map<string, Offered>()
  const problems = new Map<string, Problem>()
  for (const source of sources) {
    const wanted = source.kind === 'top' ? await listTop(workshop, index, source.most) : []
    if (source.kind === 'top' && wanted.length === 0)
      notes.push(`--top: nothing was downloaded yet from ${index} or its bases`)
    const found =
      source.kind === 'lock'
        ? [await findLocked(offer, source.lock, { targets, sdists })]
        : await Promise.all(
            targets.map((target) =>
              findClosure(offer, source.kind === 'top' ? wanted : source.wanted, {
                ...{ target, sdists },
                constraints: source.kind === 'top' ? [] : source.constraints,
              }),
            ),
          )
    for (const one of found) {
      for (const file of one.files) files.set(file.link.filename, file)
      for (const problem of one.problems) problems.set(JSON.stringify(problem), problem)
    }
  }
  return { files: [...files.values()], problems: [...problems.values()], notes }
}

async function listTop(workshop: Workshop, index: string, most: number): Promise<Wanted[]> {
  const order = await workshop.ledger.read((tx) => listResolutionOrder(tx, index))
  const projects = workshop.listTop(
    order.map(({ name }) => name),
    most,
  )
  return projects.map((project) => ({
    project,
    name: project,
    text: project,
    specifiers: [],
    hashes: undefined,
    extras: [],
    marker: undefined,
  }))
}

/** Never half a file under its name. */
async function exportFile(
  { blobs }: Workshop,
  folder: string,
  filename: string,
  digest: string,
): Promise<void> {
  const path = await blobs.localPath(digest)
  if (path === undefined) throw new Error('its bytes are lost')
  const begun = join(folder, `.${basename(filename)}.part`)
  await copyFile(path, begun)
  await rename(begun, join(folder, basename(filename)))
}

async function readSources(given: Given, mistakes: string[]): Promise<Source[]> {
  const sources: Source[] = []
  for (const name of ['requirements', 'lock'] as const) {
    for (const file of flagValues(given, name)) {
      const path = resolve(given.world.cwd, file)
      try {
        if (name === 'lock') {
          const text = await readFile(path, 'utf8')
          sources.push({ kind: 'lock', lock: readLockFile(basename(file), text) })
        } else {
          sources.push({ kind: 'requirements', ...(await readRequirementFiles(path, file)) })
        }
      } catch (error) {
        if (error instanceof UnreadableRequirements) mistakes.push(error.message)
        else if (error instanceof UnreadableLock) mistakes.push(`${file}, ${error.message}`)
        else if (error instanceof Error && 'code' in error)
          mistakes.push(`--${name}: ${file} cannot be read: ${whyUnreadable(error)}`)
        else throw error
      }
    }
  }
  if (hasFlag(given, 'top')) {
    const most = Number(flagValue(given, 'top') || 'none')
    if (!Number.isInteger(most) || most < 1 || most > 100_000)
      mistakes.push('--top: a number from 1 to 100000')
    else sources.push({ kind: 'top', most })
  }
  return sources
}

/** Every Python on every platform; where none is named it is unknown, and all files are wanted. */
function combine(
  pythons: readonly Target['python'][],
  platforms: readonly string[],
): readonly Target[] {
  const ofPython = pythons.length > 0 ? pythons : [undefined]
  const ofPlatform = platforms.length > 0 ? platforms : [undefined]
  return ofPython.flatMap((python) => ofPlatform.map((platform) => ({ python, platform })))
}
