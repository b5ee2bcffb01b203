/**
 * The processes of one server, as each of them sees the others: what only one may do at a time, what only one does at all,
 * and what all are to hear of. A server of one process is a crew of its own (`soleCrew`).
 */

/** Handed over as JSON. */
export type Told = unknown

/** The turn is this worker's: until it ends, the others wait. */
export interface Turn {
  readonly kind: 'own'
  /** Those who wait hear it at once, and those who come later; of several words the last counts. */
  tell(news: Told): void
  /** With an outcome, which is never undefined, all who wait have it; without one, the next of them has the turn. */
  end(outcome?: Told): void
}

/** Another worker's turn has ended with an outcome. */
export interface Heard {
  readonly kind: 'heard'
  readonly outcome: Told
}

/** One process of the server, as their parent sees it. */
export interface WorkerFacts {
  readonly number: number
  readonly pid: number | undefined
  /** `retiring`: another has its place, and it ends once nobody needs it. */
  readonly state: 'starting' | 'serving' | 'retiring'
  readonly isLeader: boolean
  /** Milliseconds since it was started. */
  readonly upMs: number
}

export interface Roster {
  /** How many there are to be. */
  readonly count: number
  readonly workers: readonly WorkerFacts[]
}

export interface Crew {
  /** Of this worker; undefined where the server is one process. Never given twice while the server runs. */
  readonly number: number | undefined
  /**
   * Waits until nobody else of the crew works under this key, or has ended with an outcome. `onNews` hears what is told
   * meanwhile, in order, and nothing more once this resolves.
   */
  enter(key: string, onNews?: (news: Told) => void): Promise<Turn | Heard>
  /** Tells all others. */
  cast(topic: string, news: Told): void
  /** One listener for each topic. */
  onCast(topic: string, hear: (news: Told) => void): void
  /** What the others have to say on a topic; without those who do not answer in time. */
  gather(topic: string): Promise<Told[]>
  /** One who answers for each topic, at once or with a promise. */
  onGather(topic: string, answer: () => Told): void
  /**
   * Of all workers one leads, at any time. `start` is called when it is this one, and what it returned when it is this
   * one no more. Returns how to have no part in that any longer.
   */
  lead(start: () => Stop): Stop
  /** All of them; undefined where the server is one process. */
  roster(): Promise<Roster | undefined>
}

/** Resolves once all has ended. */
export type Stop = () => Promise<void>

/** Whose turn is always its own, who leads, and whom nobody hears. */
export const soleCrew: Crew = {
  number: undefined,
  enter: () => Promise.resolve(ownTurn),
  cast() {},
  onCast() {},
  gather: () => Promise.resolve([]),
  onGather() {},
  lead: (start) => start(),
  roster: () => Promise.resolve(undefined),
}

const ownTurn: Turn = { kind: 'own', tell() {}, end() {} }
