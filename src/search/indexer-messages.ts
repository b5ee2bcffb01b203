/** What is said between a server and the process that writes its search index. */

export type IndexerOrder =
  /** The first one: the data folder. */
  | { readonly kind: 'begin'; readonly folder: string }
  /** Something has changed. */
  | { readonly kind: 'look' }
  /** Says `done` with the number once everything of now is in. */
  | { readonly kind: 'catch up'; readonly number: number }
  /** The file is damaged: begin anew. */
  | { readonly kind: 'repair' }
  | { readonly kind: 'end' }

export type IndexerNews =
  | { readonly kind: 'done'; readonly number: number }
  /** It did not go. */
  | { readonly kind: 'failed'; readonly number: number; readonly reason: string }
  /** There is nothing to do, but for projects that are to be tried again; without any it may be ended. */
  | { readonly kind: 'idle'; readonly owed: number }
  | { readonly kind: 'failure'; readonly about?: string | undefined; readonly reason: string }
