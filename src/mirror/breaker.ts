/**
 * Leaves an upstream alone that does not answer: after some failures in a row nothing is asked of it for a while that
 * grows, then one question goes through to see whether it is back.
 */
import type { Clock } from '#base/clock'
import { soleCrew, type Crew } from '#base/crew'
import { UpstreamFailure } from '#base/failure'
import type { Log } from '#base/log'
import type { MirrorEntry } from '#registry/indexes'
import { connectionOf, wayTo } from './address.ts'

/** Of one upstream, as it is told to people and their tools. */
export interface UpstreamHealth {
  /** Scheme, host and port. */
  readonly upstream: string
  /** `open`: it is left alone. `probing`: one question is under way. */
  readonly state: 'closed' | 'open' | 'probing'
  /** In a row, until now. */
  readonly failures: number
  readonly reason: string | undefined
  /** When it is asked again at the earliest. */
  readonly until: string | undefined
}

interface Circuit {
  readonly origin: string
  failures: number
  reason: string | undefined
  /** How often it was opened since the last answer. */
  openings: number
  until: number
  isProbing: boolean
  lastUse: number
  /** What was answered with an error of its own: asked again and again, it is still one failure. */
  readonly broken: Set<string>
}

/** Of one, what the other processes of the server go by. Without a circuit: it answers. */
interface ToldCircuit {
  readonly way: string
  readonly circuit?: Pick<Circuit, 'failures' | 'reason' | 'openings' | 'until'> | undefined
}

const TOPIC = 'upstreams'

/** So many failures in a row are no accident. */
const TOLERATED = 4
const FIRST_PAUSE_MS = 2000
const LONGEST_PAUSE_MS = 15_000
/** Of a pause, up to so much is added at random: servers that lost an upstream together do not come back together. */
const JITTER = 0.2
/** Pages name any host: those that were asked least recently are forgotten. */
const MOST_UPSTREAMS = 1000

export class Breaker {
  readonly #circuits = new Map<string, Circuit>()
  readonly #clock: Clock
  readonly #log: Log
  readonly #crew: Crew
  readonly #random: () => number

  constructor(
    needs: { readonly clock: Clock; readonly log: Log; readonly crew?: Crew | undefined },
    random = Math.random,
  ) {
    const { clock, log, crew = soleCrew } = needs
    this.#clock = clock
    this.#log = log
    this.#crew = crew
    this.#random = random
    crew.onCast(TOPIC, (told) => this.#hear(told as ToldCircuit))
    crew.onGather(TOPIC, () => Array.from(this.#circuits, ([way, circuit]) => ({ way, circuit })))
    void crew.gather(TOPIC).then((answers) => {
      for (const told of answers.flat() as ToldCircuit[]) {
        if (told && !this.#circuits.has(told.way)) this.#hear(told)
      }
    })
  }

  /**
   * Refuses with `UpstreamFailure` while the upstream is left alone; else the question may be asked, and must end.
   * `isForced`: somebody knows better, and it is asked all the same. `way`: as `wayTo` names it.
   */
  enter(way: string, isForced = false): Question {
    const circuit = this.#circuits.get(way)
    const isPassing = isForced && circuit?.isProbing === true
    if (circuit && this.#isOpen(circuit) && !isPassing) {
      const isLeftAlone = isForced ? false : circuit.isProbing || this.#clock.now() < circuit.until
      if (isLeftAlone) {
        throw new UpstreamFailure(
          `${circuit.origin} is not asked for now, after ${circuit.failures} failures: ${circuit.reason}`,
        )
      }
      circuit.isProbing = true
      // The others try no sooner than if this question fails at once.
      this.#tell(way, { ...circuit, until: this.#clock.now() + LONGEST_PAUSE_MS })
    }
    const isProbe = !isPassing && (circuit?.isProbing ?? false)
    let isEnded = false
    const once = (work: () => void): void => {
      if (!isEnded) work()
      isEnded = true
    }
    return {
      answered: () => this.#answered(way),
      failed: (reason) => once(() => this.#failed(way, reason, isProbe)),
      broken: (url, reason) => once(() => this.#broken(way, { url, reason }, isProbe)),
      abandoned: () => once(() => this.#abandoned(way, isProbe)),
    }
  }

  /** Whether it failed when it was asked last. */
  isUnwell(way: string): boolean {
    return this.#circuits.has(way)
  }

  /** What is to be told of one, if it failed when it was asked last. */
  find(way: string): UpstreamHealth | undefined {
    const circuit = this.#circuits.get(way)
    return circuit && this.#describe(circuit)
  }

  /** Of all upstreams that have failed since their last answer. */
  list(): UpstreamHealth[] {
    return [...this.#circuits.values()].map((circuit) => this.#describe(circuit))
  }

  #describe(circuit: Circuit): UpstreamHealth {
    const { origin: upstream, failures, reason, until, isProbing } = circuit
    const isOpen = this.#isOpen(circuit)
    const state = isProbing ? 'probing' : isOpen ? 'open' : 'closed'
    return {
      upstream,
      state,
      failures,
      reason,
      until: isOpen ? new Date(until).toISOString() : undefined,
    }
  }

  #isOpen({ openings }: Circuit): boolean {
    return openings > 0
  }

  #answered(way: string): void {
    const circuit = this.#circuits.get(way)
    if (!circuit) return
    this.#circuits.delete(way)
    this.#tell(way, undefined)
    if (this.#isOpen(circuit))
      this.#log.info({ upstream: circuit.origin }, 'an upstream answers again')
  }

  #failed(way: string, reason: string, isProbe: boolean): void {
    this.#count(way, reason, isProbe)
    this.#tell(way, this.#circuits.get(way))
  }

  #tell(way: string, circuit: Circuit | undefined): void {
    if (!circuit) return this.#crew.cast(TOPIC, { way })
    const { failures, reason, openings, until } = circuit
    this.#crew.cast(TOPIC, { way, circuit: { failures, reason, openings, until } })
  }

  #hear({ way, circuit: told }: ToldCircuit): void {
    if (!told) return void this.#circuits.delete(way)
    const now = this.#clock.now()
    const { failures, reason, openings, until } = told
    const circuit = this.#circuits.get(way) ?? this.#make(way, now)
    Object.assign(circuit, { failures, reason, openings, until, lastUse: now })
  }

  #count(way: string, reason: string, isProbe: boolean): void {
    const now = this.#clock.now()
    const circuit = this.#circuits.get(way) ?? this.#make(way, now)
    circuit.failures++
    circuit.reason = reason
    circuit.lastUse = now
    if (isProbe) circuit.isProbing = false
    if (circuit.failures <= TOLERATED || (this.#isOpen(circuit) && !isProbe)) return
    const pause = Math.min(FIRST_PAUSE_MS * 2 ** circuit.openings, LONGEST_PAUSE_MS)
    circuit.until = now + pause * (1 + JITTER * this.#random())
    circuit.openings++
    if (circuit.openings > 1) return
    this.#log.warn(
      { upstream: circuit.origin, reason },
      'an upstream is left alone until it answers again',
    )
  }

  #broken(
    way: string,
    { url, reason }: { readonly url: string; readonly reason: string },
    isProbe: boolean,
  ): void {
    const known = this.#circuits.get(way)
    if (known?.broken.has(url) && !isProbe) return
    this.#failed(way, reason, isProbe)
    const { broken } = this.#circuits.get(way)!
    if (broken.size <= TOLERATED) broken.add(url)
  }

  /** Whoever asked lost interest: that says nothing of the upstream. */
  #abandoned(way: string, isProbe: boolean): void {
    const circuit = this.#circuits.get(way)
    if (circuit && isProbe) circuit.isProbing = false
  }

  #make(way: string, now: number): Circuit {
    if (this.#circuits.size >= MOST_UPSTREAMS) this.#forgetOldest()
    const circuit = {
      origin: originOf(way),
      failures: 0,
      reason: undefined,
      openings: 0,
      until: 0,
      isProbing: false,
      lastUse: now,
      broken: new Set<string>(),
    }
    this.#circuits.set(way, circuit)
    return circuit
  }

  #forgetOldest(): void {
    const oldest = [...this.#circuits].reduce((a, b) => (a[1].lastUse <= b[1].lastUse ? a : b))
    this.#circuits.delete(oldest[0])
  }
}

/** Whether the upstream of a mirror failed when it was asked last. */
export function isUnwell(breaker: Breaker, mirror: MirrorEntry): boolean {
  const { mirror_url: url } = mirror
  return url !== undefined && breaker.isUnwell(wayTo(new URL(url).origin, connectionOf(mirror)))
}

const originOf = (way: string): string => way.split(' ', 1)[0] ?? way

/** A question under way: how it ends. One that failed, by being late, may still be answered. */
export interface Question {
  answered(): void
  failed(reason: string): void
  /** It was answered with an error that may be of this address alone. */
  broken(url: string, reason: string): void
  abandoned(): void
}
