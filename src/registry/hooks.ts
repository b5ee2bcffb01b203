/** The points at which others than this server have a say, each typed and of one kind. */
import type { Log } from '#base/log'
import type { Serial } from '#ledger/key'
import type { ProjectName } from '#python/name'
import type { IndexEntry, IndexName } from './indexes.ts'
import type { Link } from './links.ts'

export interface OfferedLogin {
  readonly user: string
  readonly password: string
  /** Whether there is such a user here. */
  readonly isKnown: boolean
}

/** `:name` in an access list is whoever has the group `name`. */
export type LoginOpinion =
  | { readonly isRight: true; readonly groups: readonly string[] }
  | {
      readonly isRight: false
    }

/** Says whether a password is right; undefined where that is not for it to say. */
export type Authenticator = (login: OfferedLogin) => Promise<LoginOpinion | undefined>

/** How a form asks for a value. */
export type OptionInput =
  | { readonly kind: 'flag' | 'list' | 'document' }
  | { readonly kind: 'text'; readonly example?: string }
  | { readonly kind: 'choice'; readonly words: readonly string[] }

/** What an index option is, and how its value is read. */
export interface OptionKind<T = unknown> {
  /** One sentence for the reference. */
  readonly doc: string
  /** A line of text, where nothing is said. */
  readonly input?: OptionInput
  /** What a client sends, in the form in which it is stored and shown: JSON. Refuses a bad value by its position. */
  readonly store: (value: unknown, name: string) => unknown
  /** Of what takes long to read: `store` and `parse` are done with the same value in no time afterwards. Refuses nothing. */
  readonly readAhead?: (value: unknown) => Promise<void>
  /** The stored form, as the policy works with it. */
  readonly parse: (stored: unknown) => T
}

/** The files that an index offers of a project: its own and those of its bases. */
export interface Offer {
  readonly index: IndexName
  readonly project: ProjectName
  /** Those that are still shown: what an earlier policy hides is not among them. */
  readonly links: readonly Link[]
  /** Milliseconds. */
  readonly now: number
}

/** Why a file is hidden. */
export interface Objection {
  /** A sentence for people, without a full stop. */
  readonly reason: string
  /** When the file is shown, in milliseconds, if time alone brings it back. */
  readonly until?: number | undefined
}

/** Undefined: nothing speaks against the file. */
export type LinkCheck = (link: Link) => Objection | undefined

/** Called once for each page that is made, then for each of its files. */
export type LinkRule = (offer: Offer) => LinkCheck

/** What the server gives to a hook that follows something while it runs. */
export interface HookHost {
  /** A folder for the hook alone, which may be lost. It makes it itself. */
  readonly folder: string
  /** Names this server to others. */
  readonly userAgent: string
  readonly log: Log
}

export interface RunningHook {
  close(): Promise<void>
}

/** What an entry of a file tells where it is known. */
export type FileFact = 'licence' | 'size' | 'uploadedAt'

export interface LinkFilter {
  /** Names the policy in answers and explanations. */
  readonly name: string
  /** The options of an index that turn it on. */
  readonly options: Readonly<Record<string, OptionKind>>
  /** The rule for an index with these options, parsed; undefined where they turn it off. It may be kept and used again. */
  readonly prepare: (options: Readonly<Record<string, unknown>>) => LinkRule | undefined
  /** What it looks at, with these options, that upstreams may not tell: it is learned of the files of mirrors. */
  readonly reads?: (options: Readonly<Record<string, unknown>>) => readonly FileFact[]
  /** Goes up whenever the rule would say something else of the same files, time apart. */
  readonly revision?: () => number
  /** Called once, before anything is asked. The server waits for it, and closes what it gives. */
  readonly start?: (host: HookHost) => Promise<RunningHook>
}

/** What happened to an index, or that a user is gone, whose indexes are told of one by one. */
export type IndexEvent =
  | { readonly what: 'index-created'; readonly index: IndexName; readonly after: IndexEntry }
  | {
      readonly what: 'index-modified'
      readonly index: IndexName
      readonly before: IndexEntry
      readonly after: IndexEntry
    }
  | { readonly what: 'index-deleted'; readonly index: IndexName; readonly before: IndexEntry }
  | { readonly what: 'user-deleted'; readonly user: string }

/**
 * The options before and after, as everybody may see them: an upstream's passwords, tokens and keys are not among them.
 * A change of those alone is told too, and both look the same then.
 */
export type IndexChange = IndexEvent & {
  readonly serial: Serial
  /** Milliseconds. */
  readonly at: number
  /** Who did it; empty for nobody in particular. */
  readonly actor: string
}

export interface IndexFollower {
  /** Names what has been told already: a follower of another name is told everything. */
  readonly name: string
  /**
   * Called for one change after the other, in the order of serials. What it refuses is told again, later and later, and
   * nothing else until then. It may be told the same twice. The signal ends its work when the server closes.
   */
  readonly hear: (change: IndexChange, signal: AbortSignal) => Promise<void>
  /** As that of a `LinkFilter`. */
  readonly start?: (host: HookHost) => Promise<RunningHook>
}

/** A theme that has a name: `--theme` may say it instead of a folder. */
export interface NamedTheme {
  /** Small letters, digits and dashes. */
  readonly name: string
  /** With `theme.toml`, `templates/` and `static/`, each as it likes. */
  readonly folder: string
}

export interface Hooks {
  /**
   * decide: before a password is compared with the one that is stored here, and with each request that sends a
   * password. Nobody is asked about `root`, who gets in also when an authenticator is away.
   */
  readonly authenticate: readonly Authenticator[]
  /** filter: which files of an index are hidden, in this order; whoever objects first is named. */
  readonly filterLinks: readonly LinkFilter[]
  /**
   * notify: indexes were created, modified or deleted, or a user deleted. After the commit, driven by the ledger,
   * also for what happened while the server was down; no writer waits.
   */
  readonly indexChanged: readonly IndexFollower[]
  /** offer: themes that have a name, beside those in the box. */
  readonly themes: readonly NamedTheme[]
}

export const noHooks: Hooks = { authenticate: [], filterLinks: [], indexChanged: [], themes: [] }
