/** What a process counts and times of its own work, by labels. Noting something costs next to nothing; bounded in memory. */
import type { Metric, Sample } from './metric.ts'

/** Upper bounds in seconds: what is felt begins in the middle. */
const BOUNDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10] as const

/** Of one metric. Names that strangers choose may be without end: what comes later counts under this one. */
const MOST_LABELS = 500
const OTHERS = 'other'

type Labels = Readonly<Record<string, string>>

export interface Counter {
  add(amount?: number): void
}

export interface Timer {
  /** Milliseconds. */
  note(ms: number): void
}

export class Measures {
  readonly #counters = new Map<string, Family<Count>>()
  readonly #timers = new Map<string, Family<Timings>>()

  /** The same one for the same name and labels; who counts often keeps it. */
  counter(name: string, help: string, labels: Labels = {}): Counter {
    return find(this.#counters, { name, help, labels }, () => new Count())
  }

  /** Of a metric in seconds. */
  timer(name: string, help: string, labels: Labels = {}): Timer {
    return find(this.#timers, { name, help, labels }, () => new Timings())
  }

  take(): Metric[] {
    return [
      ...take(this.#counters, 'counter', ({ value }) => [{ value }]),
      ...take(this.#timers, 'histogram', (timings) => timings.samples()),
    ]
  }
}

interface Family<M> {
  readonly help: string
  readonly members: Map<string, { readonly labels: Labels; readonly member: M }>
}

class Count implements Counter {
  value = 0

  add(amount = 1): void {
    this.value += amount
  }
}

class Timings implements Timer {
  readonly #counts = new Float64Array(BOUNDS.length + 1)
  #sum = 0

  note(ms: number): void {
    const seconds = ms / 1000
    let at = 0
    while (at < BOUNDS.length && seconds > BOUNDS[at]!) at++
    this.#counts[at]!++
    this.#sum += seconds
  }

  samples(): Sample[] {
    let count = 0
    const buckets = [...this.#counts].map((own, at): Sample => {
      count += own
      return { suffix: '_bucket', labels: { le: String(BOUNDS[at] ?? '+Inf') }, value: count }
    })
    return [...buckets, { suffix: '_sum', value: this.#sum }, { suffix: '_count', value: count }]
  }
}

function find<M>(
  families: Map<string, Family<M>>,
  { name, help, labels }: { name: string; help: string; labels: Labels },
  make: () => M,
): M {
  const family: Family<M> = families.get(name) ?? { help, members: new Map() }
  families.set(name, family)
  const isFull = family.members.size >= MOST_LABELS
  const key = JSON.stringify(labels)
  const known = family.members.get(key)
  if (known) return known.member
  const kept = isFull ? Object.fromEntries(Object.keys(labels).map((one) => [one, OTHERS])) : labels
  const keptKey = isFull ? JSON.stringify(kept) : key
  const member = family.members.get(keptKey)?.member ?? make()
  family.members.set(keptKey, { labels: kept, member })
  return member
}

function take<M>(
  families: Map<string, Family<M>>,
  type: Metric['type'],
  samplesOf: (member: M) => readonly Sample[],
): Metric[] {
  return [...families].map(([name, { help, members }]) => ({
    ...{ name, type, help },
    samples: [...members.values()].flatMap(({ labels, member }) =>
      samplesOf(member).map((sample) => ({ ...sample, labels: { ...labels, ...sample.labels } })),
    ),
  }))
}
