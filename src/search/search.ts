/**
 * Search over all indexes: the contract for pages and programs. Everything here is data: texts are as they were
 * uploaded, escaped nowhere, and found words are told as parts of a text.
 */
import type { Serial } from '#ledger/key'
import type { ProjectName } from '#python/name'
import type { IndexName } from '#registry/indexes'
import type { DocumentType } from './query.ts'

export type { DocumentType }

/** Which indexes the asker may read; all of them where it is left out. What is not readable is not even counted. */
export type MayRead = (index: IndexName) => boolean

export interface SearchQuery {
  /** In devpi's query language, see docs/explain/search.md. Whatever it is, it is answered. */
  readonly text: string
  readonly mayRead?: MayRead | undefined
  /** From 1; beyond the end it is the last. */
  readonly page?: number | undefined
}

export interface SearchResult {
  /** Of this page: ten projects; or, where the query names a `path:`, the projects of ten hits. */
  readonly items: readonly SearchItem[]
  /** Documents that answer: names, summaries, pages … */
  readonly found: number
  /** Projects that have them. */
  readonly total: number
  /** There are more than were counted: the best of them are here. */
  readonly isLimited: boolean
  /** 0 where nothing was found. */
  readonly pages: number
  readonly page: number
  /** For the asker, in sentences: what was not understood, or is not indexed yet. */
  readonly notes: readonly string[]
  /** Queries that may have been meant, where nothing was found. */
  readonly didYouMean: readonly string[]
}

/** A project of an index, with the documents of it that answer. */
export interface SearchItem {
  readonly index: IndexName
  readonly project: ProjectName
  /** As its owner spells it. */
  readonly spelling: string
  /** The same, with what was found marked. */
  readonly name: readonly TextPart[]
  /** The latest; unknown of what only upstream has. */
  readonly version: string | undefined
  readonly summary: string
  /** More is better; for comparison on this page only. */
  readonly score: number
  /** The best first. None where only the name answers. */
  readonly hits: readonly SearchHit[]
  /** Hits that are not shown here. */
  readonly more: number
  /** The query that shows them. */
  readonly moreQuery: string
}

export interface SearchHit {
  readonly type: Exclude<DocumentType, 'project'>
  /** Of the page; else what the document is: `Summary`, `Author` … */
  readonly title: string
  readonly place: HitPlace
  /** A piece of the text around what was found. */
  readonly highlight: readonly TextPart[]
  readonly score: number
}

/** Where a hit leads: an anchor of the release's page, or a page of its documentation (`PAGE.html`). */
export type HitPlace =
  | {
      readonly kind: 'release'
      readonly version: string | undefined
      readonly anchor: Exclude<DocumentType, 'project' | 'title' | 'page'>
    }
  | { readonly kind: 'docs'; readonly version: string; readonly page: string }

export interface TextPart {
  readonly text: string
  readonly isMatch: boolean
}

export interface SuggestQuery {
  /** What was typed so far. */
  readonly text: string
  readonly mayRead?: MayRead | undefined
  /** 10 where it is left out. */
  readonly limit?: number | undefined
}

export interface Suggestion {
  readonly project: ProjectName
  /** One that has it. */
  readonly index: IndexName
}

export interface MatchQuery {
  /** Parts of the name in normal form, all of them; undefined where names don't matter. */
  readonly name?: readonly string[] | undefined
  /** Parts of words of the summary, in lower case, all of them. */
  readonly summary?: readonly string[] | undefined
  /** How the two go together, as devpi has it. */
  readonly operator: 'and' | 'or' | 'not' | 'maybe'
}

export interface ProjectMatch {
  readonly index: IndexName
  readonly project: ProjectName
  /** Its name answers. */
  readonly isNamed: boolean
}

export interface SearchStatus {
  /** Changes up to this one are searchable; undefined before the first. */
  readonly serial: Serial | undefined
  /** Changes that are not yet in. */
  readonly waiting: number
  /** Projects that could not be read, and are tried again. */
  readonly failed: number
  /** Everything is being gone through: the first time, or anew. */
  readonly isRebuilding: boolean
  readonly projects: number
  readonly documents: number
}

export interface SearchBacklog {
  /** Changes that may not be searchable yet. */
  readonly changes: number
  /** Projects that could not be read, and are tried again. */
  readonly failed: number
}

export interface SearchIndex {
  /** Refuses with `too-many-requests` where too many others wait. */
  query(query: SearchQuery): Promise<SearchResult>
  /** Names that begin so, or have words that do, the shortest first. */
  suggest(query: SuggestQuery): Promise<Suggestion[]>
  /** Projects of these indexes by name and summary, at most 2,000, the shortest names first. */
  match(query: MatchQuery, indexes: readonly IndexName[]): Promise<ProjectMatch[]>
  status(): Promise<SearchStatus>
  /** What this process knows of what is still to be done, at no cost. */
  backlog(): SearchBacklog
  /** Resolves once all that is in the ledger now, and all lists of names that are here, are searchable. */
  caughtUp(): Promise<void>
  /** The same, and no longer than this; at once where nothing has changed that this server knows of. */
  soonCaughtUp(patienceMs: number): Promise<void>
  close(): Promise<void>
}
