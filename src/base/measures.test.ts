/** What a process counts and times, and what several of them tell together. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Measures } from './measures.ts'
import { mergeMetrics, type Metric, type Sample } from './metric.ts'

const samplesOf = (metrics: readonly Metric[], name: string): readonly Sample[] =>
  metrics.find((one) => one.name === name)?.samples ?? []

test('a counter adds up by its labels, and is the same one for the same labels', () => {
  const measures = new Measures()
  measures.counter('seen_total', 'Seen.', { route: '/a' }).add()
  measures.counter('seen_total', 'Seen.', { route: '/a' }).add(2)
  measures.counter('seen_total', 'Seen.', { route: '/b' }).add()

  assert.deepEqual(samplesOf(measures.take(), 'seen_total'), [
    { labels: { route: '/a' }, value: 3 },
    { labels: { route: '/b' }, value: 1 },
  ])
})

test('a timer is a histogram in seconds, whose buckets hold all that is below', () => {
  const measures = new Measures()
  const timer = measures.timer('took_seconds', 'Took.')
  for (const ms of [0.5, 1, 3, 400, 60_000]) timer.note(ms)

  const [metric] = measures.take()
  assert.equal(metric?.type, 'histogram')
  const bucket = (le: string) =>
    metric?.samples.find(({ suffix, labels }) => suffix === '_bucket' && labels?.['le'] === le)
  const counts = ['0.001', '0.005', '0.25', '0.5', '10', '+Inf'].map((le) => bucket(le)?.value)
  assert.deepEqual(counts, [2, 3, 3, 4, 4, 5])
  const last = metric?.samples.slice(-2).map(({ suffix, value }) => [suffix, value])
  assert.deepEqual(last, [
    ['_sum', 60.4045],
    ['_count', 5],
  ])
})

test('labels without end are counted as others', () => {
  const measures = new Measures()
  for (let at = 0; at < 2000; at++) measures.counter('n_total', 'N.', { name: `${at}` }).add()

  const samples = samplesOf(measures.take(), 'n_total')

  assert.ok(samples.length < 1000)
  assert.equal(
    samples.reduce((sum, { value }) => sum + value, 0),
    2000,
  )
  assert.ok(samples.some(({ labels }) => labels?.['name'] === 'other'))
})

test('of several processes counters add up, and a gauge is the largest unless it adds up too', () => {
  const one: Metric[] = [
    { name: 'a', type: 'counter', help: 'A.', samples: [{ labels: { x: '1' }, value: 2 }] },
    { name: 'b', type: 'gauge', help: 'B.', samples: [{ value: 5 }] },
    { name: 'c', type: 'gauge', help: 'C.', samples: [{ value: 5 }], addsUp: true },
  ]
  const other: Metric[] = [
    {
      ...one[0]!,
      samples: [
        { labels: { x: '1' }, value: 3 },
        { labels: { x: '2' }, value: 1 },
      ],
    },
    { ...one[1]!, samples: [{ value: 4 }] },
    { ...one[2]!, samples: [{ value: 4 }] },
  ]

  const merged = mergeMetrics([one, JSON.parse(JSON.stringify(other)) as Metric[]])

  assert.deepEqual(
    merged.map(({ samples }) => samples.map(({ value }) => value)),
    [[5, 1], [5], [9]],
  )
})
