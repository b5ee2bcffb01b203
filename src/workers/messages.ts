/** What a worker and the parent of all workers say to each other, as JSON. */
import type { Roster, Told } from '#base/crew'

export type ToParent =
  /** It takes requests. */
  | { readonly kind: 'ready'; readonly urls: readonly string[] }
  /** The folder has become another server's: all are to begin anew. */
  | { readonly kind: 'renew' }
  /** What only the leader does has ended here. */
  | { readonly kind: 'yielded' }
  | { readonly kind: 'enter'; readonly key: string }
  | { readonly kind: 'tell'; readonly key: string; readonly news: Told }
  | { readonly kind: 'end'; readonly key: string; readonly outcome?: Told }
  | { readonly kind: 'cast'; readonly topic: string; readonly news: Told }
  | { readonly kind: 'gather'; readonly number: number; readonly topic: string }
  | { readonly kind: 'answer'; readonly number: number; readonly answer: Told }
  /** Who the workers are. */
  | { readonly kind: 'call-roll'; readonly number: number }

export type ToWorker =
  | { readonly kind: 'lead' }
  | { readonly kind: 'yield' }
  /** Take no new connections, and end once nobody needs those there are. */
  | { readonly kind: 'retire' }
  /** End within the bounds that are set. */
  | { readonly kind: 'stop' }
  | { readonly kind: 'own'; readonly key: string }
  | { readonly kind: 'news'; readonly key: string; readonly news: Told }
  | { readonly kind: 'heard'; readonly key: string; readonly outcome: Told }
  | { readonly kind: 'cast'; readonly topic: string; readonly news: Told }
  | { readonly kind: 'asked'; readonly number: number; readonly topic: string }
  | { readonly kind: 'gathered'; readonly number: number; readonly answers: readonly Told[] }
  | { readonly kind: 'roll'; readonly number: number; readonly roster: Roster }
