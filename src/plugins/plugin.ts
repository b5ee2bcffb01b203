/**
 * All that a plugin's author sees. A plugin declares the index options it adds and the hook points it fills; its options
 * arrive there parsed, and typed by their declaration.
 */
import type {
  Authenticator,
  FileFact,
  HookHost,
  IndexFollower,
  LinkRule,
  NamedTheme,
  OptionKind,
  RunningHook,
} from '#registry/hooks'

export type {
  Authenticator,
  FileFact,
  HookHost,
  IndexChange,
  IndexEvent,
  LinkCheck,
  LoginOpinion,
  LinkRule,
  NamedTheme,
  Objection,
  Offer,
  OfferedLogin,
} from '#registry/hooks'
export type { OptionKind, RunningHook } from '#registry/hooks'
export type { Link as OfferedLink } from '#registry/links'

/** An option that is not set is undefined. */
export type OptionValues<Options extends OptionTable> = {
  readonly [Name in keyof Options]: ReturnType<Options[Name]['parse']> | undefined
}

export type OptionTable = Readonly<Record<string, OptionKind>>

export interface Plugin<Options extends OptionTable = OptionTable> {
  /** Names it in answers, explanations and logs. */
  readonly name: string
  /** For stages and mirrors alike. */
  readonly indexOptions: Options
  readonly hooks: {
    /** decide: a password was sent; undefined where it is not for this plugin to say. Not asked about `root`. */
    readonly authenticate?: Authenticator
    /**
     * filter: the files that an index offers. Called with the options of an index of which at least one is set; the rule
     * may be kept and used again. Undefined: this index has no such rule.
     */
    readonly filterLinks?: (options: OptionValues<Options>) => LinkRule | undefined
    /**
     * notify: an index was created, modified or deleted, or a user deleted. After the commit, one change after the other;
     * told again where it fails, and sometimes twice, so that it must do no harm to hear the same again. The first time
     * all indexes there are are told as created.
     */
    readonly indexChanged?: IndexFollower['hear']
  }
  /** Ways for the pages to look, which `--theme` may name. */
  readonly themes?: readonly NamedTheme[]
  /** What the rule for these options looks at that an upstream may not tell: it is learned when a page is made. */
  readonly reads?: (options: OptionValues<Options>) => readonly FileFact[]
  /** Goes up whenever a rule would say something else of the same files, time apart: pages are made anew then. */
  readonly revision?: () => number
  /** For data that follows a source: the server starts once this has resolved, and closes what it gives at its end. */
  readonly start?: (host: HookHost) => Promise<RunningHook>
}

/** Of `Plugin.hooks`. */
export const hookNames: readonly string[] = ['authenticate', 'filterLinks', 'indexChanged']

export function definePlugin<Options extends OptionTable>(
  plugin: Plugin<Options>,
): Plugin<Options> {
  return plugin
}
