/** Metrics as plain data: of one process, or of several that do one server's work. */

export interface Metric {
  /** Without the prefix `wheelyard_`. */
  readonly name: string
  readonly type: 'gauge' | 'counter' | 'histogram'
  /** One sentence. */
  readonly help: string
  readonly samples: readonly Sample[]
  /** What several processes tell of it together: counters and histograms add up, and a gauge is the largest, unless it says so. */
  readonly addsUp?: boolean
}

export interface Sample {
  readonly labels?: Readonly<Record<string, string>>
  /** Of a histogram: `_bucket`, `_sum` or `_count`. */
  readonly suffix?: string
  readonly value: number
}

/** What each of several processes tells, as if it were one. */
export function mergeMetrics(lists: readonly (readonly Metric[])[]): Metric[] {
  const merged = new Map<string, { metric: Metric; samples: Map<string, Sample> }>()
  for (const metric of lists.flat()) {
    const known = merged.get(metric.name) ?? { metric, samples: new Map<string, Sample>() }
    merged.set(metric.name, known)
    const adds = metric.addsUp ?? metric.type !== 'gauge'
    for (const sample of metric.samples) {
      const key = `${sample.suffix ?? ''} ${JSON.stringify(sample.labels ?? {})}`
      const value = known.samples.get(key)?.value
      if (value === undefined) known.samples.set(key, sample)
      else {
        const both = adds ? value + sample.value : Math.max(value, sample.value)
        known.samples.set(key, { ...sample, value: both })
      }
    }
  }
  return [...merged.values()].map(({ metric, samples }) => ({
    ...metric,
    samples: [...samples.values()],
  }))
}
