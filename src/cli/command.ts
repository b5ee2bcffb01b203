/** What a command is, and how its arguments become a call of it. */
import { UsedWrongly } from '#base/used-wrongly'
import { VERSION } from '#version'
import { parseArguments, printHelp } from './arguments.ts'
import type { World } from './world.ts'

export interface CommandOption {
  readonly name: string
  /** What stands for the value in the help; a switch has none. */
  readonly placeholder?: string | undefined
  readonly doc: string
  /** The heading it stands under in the help. */
  readonly group?: string
  /** Other names, which the help does not show. */
  readonly aliases?: readonly string[]
  /** A letter that stands for it behind one dash. */
  readonly short?: string
  /** Left out of the help. */
  readonly isHidden?: boolean
}

export interface CommandArgument {
  readonly name: string
  readonly doc: string
  readonly isOptional?: boolean
}

/** A flag as it was given; a switch, or one whose value was forgotten, has no value. */
export interface GivenFlag {
  readonly name: string
  readonly value: string | undefined
}

export interface Given {
  readonly args: readonly string[]
  readonly flags: readonly GivenFlag[]
  readonly world: World
}

/** A command as its help describes it. */
export interface CommandText {
  /** The words that call it, behind `wheelyard`. */
  readonly name: string
  /** One sentence. */
  readonly summary: string
  /** A paragraph for the help, below the summary. */
  readonly about?: string
  readonly args?: readonly CommandArgument[]
  readonly options?: readonly CommandOption[]
  readonly examples?: readonly string[]
  /** A paragraph that ends the help. */
  readonly notes?: string
}

export interface CommandSpec<Prepared> extends CommandText {
  /** Reads what was given. Throws `UsedWrongly` with all that is wrong with it. */
  prepare(given: Given): Promise<Prepared>
  /** Does it, and returns the exit code: 0 done, 1 refused or failed. */
  run(prepared: Prepared, given: Given): Promise<number>
}

export interface Command {
  readonly name: string
  readonly summary: string
  help(width: number): string
  /** Returns the exit code. Throws `UsedWrongly`, or what the work throws. */
  call(argv: readonly string[], world: World): Promise<number>
}

export function defineCommand<Prepared>(spec: CommandSpec<Prepared>): Command {
  const { name, summary } = spec
  return { name, summary, help: (width) => printHelp(spec, width), call }

  async function call(argv: readonly string[], world: World): Promise<number> {
    const { flags, operands, mistakes } = parseArguments(spec, argv)
    if (flags.some((flag) => flag.name === 'help')) {
      world.stdout.write(printHelp(spec, world.stdout.columns ?? 80))
      return 0
    }
    if (flags.some((flag) => flag.name === 'version')) {
      world.stdout.write(`${VERSION}\n`)
      return 0
    }

    const given = { args: operands, flags, world }
    const prepared = await spec.prepare(given).catch((error: unknown) => {
      if (!(error instanceof UsedWrongly)) throw error
      throw new UsedWrongly([...mistakes, ...error.mistakes], error.exitCode)
    })
    if (mistakes.length > 0) throw new UsedWrongly(mistakes)
    return spec.run(prepared, given)
  }
}

export function hasFlag({ flags }: Given, name: string): boolean {
  return flags.some((flag) => flag.name === name)
}

/** Of a flag given more than once, the last counts. */
export function flagValue({ flags }: Given, name: string): string | undefined {
  return flags.findLast((flag) => flag.name === name)?.value
}

/** Of a flag that may be repeated, all. */
export function flagValues({ flags }: Given, name: string): string[] {
  return flags.flatMap((flag) => (flag.name === name ? [flag.value ?? ''] : []))
}
