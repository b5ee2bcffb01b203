/** What is said between a server and the thread that reads its search index. */
import type { Counts, Standing } from './backend.ts'
import type { FindOrder } from './finder.ts'
import type { MatchOrder } from './matching.ts'
import type { ProjectMatch, SearchResult, Suggestion } from './search.ts'

export interface SuggestOrder {
  readonly text: string
  readonly limit: number
  readonly indexes: readonly string[]
}

export type ReaderOrder =
  | { readonly kind: 'find'; readonly order: FindOrder }
  | { readonly kind: 'suggest'; readonly order: SuggestOrder }
  | { readonly kind: 'match'; readonly order: MatchOrder }
  | { readonly kind: 'standing' }

export interface WholeStanding {
  readonly standing: Standing | undefined
  readonly counts: Counts
}

export type ReaderAnswer =
  | { readonly value: SearchResult | Suggestion[] | ProjectMatch[] | WholeStanding }
  /** `isDamaged`: the file can't be used at all. */
  | { readonly failure: string; readonly isDamaged: boolean }
