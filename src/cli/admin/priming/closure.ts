/**
 * All that a list of requirements needs in an installation. Nothing is tried and taken back as a resolver does: of a
 * project the newest release is taken that all who need it agree on, and where they don't, the newest for each.
 */
import { mapInParallel } from '#base/parallel'
import { mayHold } from '#python/marker'
import type { ProjectName } from '#python/name'
import { parseRequirement, type Requirement } from '#python/requirements'
import type { SpecifierSet } from '#python/specifier'
import { markerValues, type Target } from '#python/target'
import { chooseRelease, withoutSpareSdists } from './choose.ts'
import type { Offer, Offered } from './offer.ts'

export type Wanted = Omit<Requirement, 'line'>

export interface Problem {
  /** The file, or the requirement. */
  readonly what: string
  readonly reason: string
}

export interface Closure {
  readonly files: readonly Offered[]
  readonly problems: readonly Problem[]
}

export interface ClosureOptions {
  readonly target: Target
  readonly sdists: boolean
  /** Of projects that something needs: which versions may be taken. */
  readonly constraints?: readonly Wanted[]
}

/** By project, what is asked of its version. */
type Demands = Map<ProjectName, Map<string, SpecifierSet>>

/** Projects that upstreams are asked for at a time. */
export const LOOKS = 16

/** Rounds in which what is asked of a project may still change what others need. */
const MOST_ROUNDS = 8

export async function findClosure(
  offer: Offer,
  roots: readonly Wanted[],
  options: ClosureOptions,
): Promise<Closure> {
  let demands: Demands = new Map()
  let closure: Closure = { files: [], problems: [] }
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const walk = new Walk(offer, options, demands)
    closure = await walk.from(roots)
    if (isSame(walk.demands, demands)) break
    demands = walk.demands
  }
  return closure
}

class Walk {
  readonly #offer: Offer
  readonly #options: ClosureOptions
  readonly #before: Demands
  readonly #constraints: ReadonlyMap<ProjectName, Constraint>
  readonly demands: Demands = new Map()
  readonly #files = new Map<string, Offered>()
  readonly #problems = new Map<string, Problem>()
  readonly #done = new Set<string>()

  constructor(offer: Offer, options: ClosureOptions, before: Demands) {
    this.#offer = offer
    this.#options = options
    this.#before = before
    this.#constraints = constraintsFor(options)
  }

  async from(roots: readonly Wanted[]): Promise<Closure> {
    const values = markerValues(this.#options.target, [])
    let wanted = roots.filter(
      ({ marker }) => marker === undefined || mayHold(marker, values) !== false,
    )
    while (wanted.length > 0) {
      const next = await mapInParallel(wanted, LOOKS, (one) => this.#visit(one))
      wanted = next.flat()
    }
    return { files: [...this.#files.values()], problems: [...this.#problems.values()] }
  }

  /** What it needs in turn. */
  async #visit(wanted: Wanted): Promise<readonly Wanted[]> {
    const { project, text, extras, specifiers } = wanted
    const name = `${text} ${extras.toSorted().join()} ${[...(wanted.hashes ?? [])].join()}`
    if (this.#done.has(name)) return []
    this.#done.add(name)
    const asked = this.demands.get(project) ?? new Map<string, SpecifierSet>()
    this.demands.set(project, asked.set(text, specifiers))
    try {
      const chosen = await this.#choose(wanted)
      if (chosen.length === 0) {
        const within = this.#constraints.get(project)?.texts.join(', ')
        const and = within === undefined ? '' : ` with the constraint ${within}`
        throw new Error(`no file that the index offers fits${and}${this.#offer.whyLess(project)}`)
      }
      for (const file of withoutSpareSdists(chosen, this.#options.sdists)) {
        this.#files.set(file.link.filename, file)
      }
      const teller = chosen.find(({ wheel }) => wheel) ?? chosen[0]!
      return this.#follow(teller, extras, await this.#offer.needs(teller))
    } catch (error) {
      this.#problems.set(text, { what: text, reason: messageOf(error) })
      return []
    }
  }

  async #choose(wanted: Wanted): Promise<readonly Offered[]> {
    const { project } = wanted
    const constraint = this.#constraints.get(project)
    const specifiers = [...wanted.specifiers, ...(constraint?.specifiers ?? [])]
    const hashes = wanted.hashes ?? constraint?.hashes
    const files = await this.#offer.list(project)
    const { target } = this.#options
    const all = [...(this.#before.get(project)?.values() ?? [])].flat()
    const agreed = chooseRelease(files, { specifiers: [...specifiers, ...all], hashes }, target)
    return agreed.length > 0 ? agreed : chooseRelease(files, { specifiers, hashes }, target)
  }

  #follow(file: Offered, extras: readonly string[], lines: readonly string[]): Wanted[] {
    const values = markerValues(this.#options.target, extras)
    return lines.flatMap((line) => {
      const parsed = parseRequirement(line)
      const what = `${file.link.filename}: ${line.slice(0, 200)}`
      if (typeof parsed === 'string') {
        const marker = line.split(/\s;/).slice(1).join(';')
        if (marker === '' || mayHold(marker, values) !== false) {
          this.#problems.set(what, { what, reason: parsed })
        }
        return []
      }
      const { marker } = parsed
      return marker === undefined || mayHold(marker, values) !== false ? [parsed] : []
    })
  }
}

interface Constraint {
  readonly specifiers: SpecifierSet
  readonly hashes: ReadonlySet<string> | undefined
  /** As they are written. */
  readonly texts: readonly string[]
}

/** Those that hold where the target is, by project. */
function constraintsFor({ constraints = [], target }: ClosureOptions) {
  const values = markerValues(target, [])
  const byProject = new Map<ProjectName, Constraint>()
  for (const { project, specifiers, hashes, marker, text } of constraints) {
    if (marker !== undefined && mayHold(marker, values) === false) continue
    const before = byProject.get(project)
    byProject.set(project, {
      specifiers: [...(before?.specifiers ?? []), ...specifiers],
      hashes: before?.hashes ?? hashes,
      texts: [...(before?.texts ?? []), text],
    })
  }
  return byProject
}

function isSame(a: Demands, b: Demands): boolean {
  const print = (demands: Demands): string =>
    [...demands]
      .map(([name, asked]) => [name, ...[...asked.keys()].toSorted()].join(' '))
      .toSorted()
      .join('\n')
  return print(a) === print(b)
}

export const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error)
