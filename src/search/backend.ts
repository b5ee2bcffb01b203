/** The contract of a search backend: it keeps documents of projects, and finds those that answer a query. */
import type { Serial } from '#ledger/key'
import type { ProjectName } from '#python/name'
import type { IndexName } from '#registry/indexes'
import type { DocumentType, QueryNode } from './query.ts'

/** A text of a project. Its name is a document by itself. */
export interface IndexedDocument {
  readonly type: Exclude<DocumentType, 'project'>
  readonly text: string
  /** Of a page of documentation. */
  readonly title?: string | undefined
  readonly path?: string | undefined
}

export interface ProjectPlace {
  readonly index: IndexName
  readonly project: ProjectName
}

/** All that is searchable of a project of an index. */
export interface IndexedProject extends ProjectPlace {
  /** As its owner spells it. */
  readonly spelling: string
  readonly version: string | undefined
  /** The version whose documentation is indexed. */
  readonly docsVersion: string | undefined
  readonly summary: string
  /** Of the ledger when it was read. */
  readonly serial: Serial
  readonly classifiers: readonly string[]
  readonly keywords: readonly string[]
  readonly documents: readonly IndexedDocument[]
}

/** How far an index follows the ledger. */
export interface Progress {
  /** Changes up to this one are in. */
  readonly serial: Serial
  /** The hash of that change: of another ledger it is another. */
  readonly hash: string
  /** Where a walk through all projects goes on (`user/index/project`), while there is one. */
  readonly walk: string | undefined
}

export interface Stored {
  readonly put?: readonly IndexedProject[]
  readonly remove?: readonly ProjectPlace[]
  /** Could not be read, and is to be tried again. */
  readonly owe?: readonly ProjectPlace[]
  readonly progress?: Progress
}

/** What only one process does at a time. */
export interface SearchWriter {
  /** Takes or keeps the right to write until then; false while another has it. */
  lease(holder: string, now: number, until: number): Promise<boolean>
  /** Undefined for an index that is empty. */
  progress(): Promise<Progress | undefined>
  /** All of it, or nothing. What is put replaces what was there, and is owed no longer. */
  store(changes: Stored): Promise<void>
  listOwed(): Promise<ProjectPlace[]>
  listIndexes(): Promise<IndexName[]>
  /** Projects that the ledger has told of, in order. */
  listKnown(index: IndexName, after: string, most: number): Promise<ProjectName[]>
  /** Names that upstream has told of, in order. */
  listListed(index: IndexName, after: string, most: number): Promise<ProjectName[]>
  /** Which list of names is in, if it was brought in to its end. */
  namesToken(index: IndexName): Promise<string | undefined>
  setNamesToken(index: IndexName, token: string | undefined): Promise<void>
  addNames(index: IndexName, names: readonly ProjectName[]): Promise<void>
  removeNames(index: IndexName, names: readonly ProjectName[]): Promise<void>
  /** Takes away a portion of an index; false when nothing is left. */
  removeSome(index: IndexName, most: number): Promise<boolean>
  /** Whether somebody wishes that everything is read anew; `forget` fulfils it. */
  isRebuildWanted(): Promise<boolean>
  wantRebuild(): Promise<void>
  forgetRebuild(): Promise<void>
  /**
   * Makes finding quicker after much has changed, a portion at a time: `begin`, then `go on` until it is false. All of the
   * index is written anew.
   */
  tidy(step: 'begin' | 'go on'): Promise<boolean>
  /** Drops everything, whatever state it is in. */
  beginAnew(): Promise<void>
  close(): Promise<void>
}

/** How well words must fit: as whole words, as the start of words, as any part of them. */
export type Fit = 'whole' | 'start' | 'part'

export interface Wanted {
  readonly node: QueryNode
  readonly fit: Fit
  /** Names of projects, or their other documents. */
  readonly among: 'names' | 'texts'
  readonly indexes: readonly IndexName[]
  readonly most: number
}

/** A document that answers. */
export interface Candidate {
  readonly id: number
  readonly type: DocumentType
  /** The project's own document. */
  readonly owner: number
  readonly index: IndexName
  readonly project: ProjectName
  /** More is known of the project than that upstream has it. */
  readonly isKnown: boolean
}

export interface ProjectFacts {
  readonly spelling: string
  readonly version: string | undefined
  readonly docsVersion: string | undefined
  readonly summary: string
}

export interface Similar {
  /** Parts of a name, of which one must be there; a space is where a word begins or ends. */
  readonly pieces: readonly string[]
  /** Characters of the name. */
  readonly shortest: number
  readonly longest: number
  readonly indexes: readonly IndexName[]
  readonly most: number
}

export interface Standing {
  readonly serial: Serial
  /** All projects are being gone through. */
  readonly isWalking: boolean
  /** Projects that could not be read yet. */
  readonly owed: number
}

export interface Counts {
  readonly projects: number
  readonly documents: number
}

/** What any process does at any time. Nothing is found in an index that is not there yet. */
export interface SearchReader {
  /** Short names first, then by kind of document. */
  find(wanted: Wanted): Promise<Candidate[]>
  /** Of each the first so many characters, or all. */
  readTexts(
    ids: readonly number[],
    characters?: number,
  ): Promise<ReadonlyMap<number, Omit<IndexedDocument, 'type'>>>
  readProjects(owners: readonly number[]): Promise<ReadonlyMap<number, ProjectFacts>>
  findSimilar(similar: Similar): Promise<ProjectName[]>
  standing(): Promise<Standing | undefined>
  counts(): Promise<Counts>
  close(): Promise<void>
}
